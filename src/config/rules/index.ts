import { findNodeAtLocation } from 'jsonc-parser';
import type { Diagnostics } from '../diagnostics.ts';
import { enclosing, type Layout } from '../layout.ts';
import type { Resolution } from '../resolve.ts';
import { SECTION_NAMES } from '../sections.ts';
import type { FileProbe, Rule, RuleDiagnostic } from '../types.ts';
import { derivedNames, inputs, remarks, specialValues } from './names.ts';
import { folders, images, instanceTypes, keys, limits, network, scripts, traffic } from './resources.ts';

const RULES: readonly Rule[] = [
  limits,
  network,
  traffic,
  keys,
  folders,
  scripts,
  specialValues,
  inputs,
  images,
  instanceTypes,
  derivedNames,
  remarks,
];

interface Checked {
  readonly resolution: Resolution;
  readonly layout: Layout;
  readonly files: FileProbe;
}

/** Checks what no field can know by itself: what fields say about each other, the disk, and AWS's tables. */
export function checkRules({ resolution, layout, files }: Checked, diagnostics: Diagnostics): void {
  const { draft, nodes } = resolution;
  for (const rule of RULES) {
    for (const { severity, code, field, message, ...place } of rule({
      draft,
      files,
      isGiven: (name) => nodes.has(name),
    })) {
      diagnostics[severity]({ code, field, offset: offsetOf({ field, ...place }, { resolution, layout }), message });
    }
  }
}

function offsetOf(
  { field, at, inside = [] }: Pick<RuleDiagnostic, 'field' | 'at' | 'inside'>,
  { resolution: { nodes }, layout }: Pick<Checked, 'resolution' | 'layout'>,
): number {
  const node = nodes.get(at ?? field) ?? nodes.get(field);
  const section = SECTION_NAMES.find((name) => field.startsWith(`${name}.`)) ?? 'base';
  if (node === undefined) return enclosing(layout, section).offset;
  return (findNodeAtLocation(node, [...inside]) ?? node).offset;
}
