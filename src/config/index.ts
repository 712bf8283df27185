import { type ConfigDiagnostic, createDiagnostics, type Diagnostics, type FieldDiagnostic } from './diagnostics.ts';
import { createLocate, type Locate, parseDocument } from './document.ts';
import { findLayout, reportUnknownFields } from './layout.ts';
import { deriveDefaults, type Resolution, resolveFields } from './resolve.ts';
import { checkRules } from './rules/index.ts';
import type { Config, ConfigOrigin, Surroundings } from './types.ts';

export type ConfigResult =
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly ConfigDiagnostic[] }
  | {
      readonly ok: false;
      readonly problems: readonly ConfigDiagnostic[];
      readonly warnings: readonly ConfigDiagnostic[];
    };

/** A configuration file: its text, and the path that problems name. */
export interface ConfigSource {
  readonly text: string;
  readonly path: string;
}

/** JSON text to a resolved configuration, or every problem that it has, each with its place. Never throws. */
export function readConfig({ text, path }: ConfigSource, surroundings: Surroundings): ConfigResult {
  const source = text.startsWith('\ufeff') ? text.slice(1) : text;
  const diagnostics = createDiagnostics();
  const config = read(source, surroundings, diagnostics);
  const locate = createLocate(source);
  const warnings = placed(diagnostics.warnings, 'warning', { path, locate });
  if (config !== undefined) return { ok: true, config, warnings };
  return { ok: false, problems: placed(diagnostics.errors, 'error', { path, locate }), warnings };
}

function read(source: string, surroundings: Surroundings, diagnostics: Diagnostics): Config | undefined {
  const root = parseDocument(source, diagnostics);
  const layout = root && findLayout(root, diagnostics);
  if (layout === undefined) return undefined;
  reportUnknownFields(layout, diagnostics);
  const resolution = resolveFields({ layout, source, diagnostics });
  deriveDefaults(resolution.draft, surroundings.today);
  checkRules({ resolution, layout, files: surroundings.files }, diagnostics);
  if (diagnostics.errors.length > 0) return undefined;
  // No finding means that every field was read or had its default: the draft is whole.
  return { ...(resolution.draft as Omit<Config, 'origin'>), origin: originOf(layout.name, resolution) };
}

function originOf(layout: ConfigOrigin['layout'], { nodes }: Resolution): ConfigOrigin {
  const isList = (which: string) =>
    nodes.get(`registration.source_model_inference_${which}_variable_list`)?.type === 'array';
  return {
    layout,
    given: [...nodes.keys()] as ConfigOrigin['given'],
    pairs: { input: isList('input'), output: isList('output') },
  };
}

function placed(
  found: readonly FieldDiagnostic[],
  severity: ConfigDiagnostic['severity'],
  { path, locate }: { path: string; locate: Locate },
): readonly ConfigDiagnostic[] {
  return found
    .toSorted((a, b) => a.offset - b.offset)
    .map(({ code, field, offset, message }) => ({ severity, code, message, path, ...locate(offset), field }));
}

export type { Variable } from './values.ts';
export { originalVariableList, resolvedValues } from './resolve.ts';
export { type ConfigDiagnostic, formatDiagnostic } from './diagnostics.ts';
export type { Config } from './types.ts';
export { MOST_INITIAL_USERS, MOST_SPAWN_RATE, usersReached } from './rules/resources.ts';
