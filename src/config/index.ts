import { createLocate, type Locate, parseDocument } from './document.ts';
import { findLayout } from './layout.ts';
import { createFindings, type Finding, type Findings, type Problem } from './problems.ts';
import { deriveDefaults, type Resolution, resolveFields } from './resolve.ts';
import { checkRules } from './rules/index.ts';
import type { Config, Origin, Surroundings } from './types.ts';
import { reportUnknownFields } from './unknown-fields.ts';

export type ConfigResult =
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly warnings: readonly Problem[] };

/** A configuration file: its text, and the path that problems name. */
export interface ConfigSource {
  readonly text: string;
  readonly path: string;
}

/** JSON text to a resolved configuration, or every problem that it has, each with its place. Never throws. */
export function readConfig({ text, path }: ConfigSource, surroundings: Surroundings): ConfigResult {
  const source = text.startsWith('\ufeff') ? text.slice(1) : text;
  const findings = createFindings();
  const config = read(source, surroundings, findings);
  const locate = createLocate(source);
  const warnings = placed(findings.warnings, 'warning', { path, locate });
  if (config !== undefined) return { ok: true, config, warnings };
  return { ok: false, problems: placed(findings.errors, 'error', { path, locate }), warnings };
}

function read(source: string, surroundings: Surroundings, findings: Findings): Config | undefined {
  const root = parseDocument(source, findings);
  const layout = root && findLayout(root, findings);
  if (layout === undefined) return undefined;
  reportUnknownFields(layout, findings);
  const resolution = resolveFields({ layout, source, findings });
  deriveDefaults(resolution.draft, surroundings.today);
  checkRules({ resolution, layout, files: surroundings.files }, findings);
  if (findings.errors.length > 0) return undefined;
  // No finding means that every field was read or had its default: the draft is whole.
  return { ...(resolution.draft as Omit<Config, 'origin'>), origin: originOf(layout.name, resolution) };
}

function originOf(layout: Origin['layout'], { nodes }: Resolution): Origin {
  const isList = (which: string) =>
    nodes.get(`registration.source_model_inference_${which}_variable_list`)?.type === 'array';
  return {
    layout,
    given: [...nodes.keys()] as Origin['given'],
    pairs: { input: isList('input'), output: isList('output') },
  };
}

function placed(
  found: readonly Finding[],
  severity: Problem['severity'],
  { path, locate }: { path: string; locate: Locate },
): readonly Problem[] {
  return found
    .toSorted((a, b) => a.offset - b.offset)
    .map(({ code, field, offset, message }) => ({ severity, code, message, path, ...locate(offset), field }));
}

export type { Variable } from './values.ts';
export { originalVariableList, resolvedValues } from './resolve.ts';
export { formatProblem, type Problem } from './problems.ts';
export type { Config } from './types.ts';
