import { DEFAULT_PACKAGER } from '../fields/package.ts';
import { excerpt } from '../problems.ts';
import type { Rule, RuleFinding, RuleInput } from './rule.ts';

/** Local folders exist; what lies in S3 is looked at when the run begins. */
export const folders: Rule = ({ draft, files }) => {
  const named = [
    ['base.source_dir', draft.base.source_dir],
    ['package.processing_source_dir', draft.package.processing_source_dir],
  ] as const;
  return named.flatMap(([field, folder]) => {
    if (!isLocal(folder)) return [];
    const kind = files.kind(folder);
    if (kind === 'folder') return [];
    const found = kind === 'file' ? 'is a file' : 'does not exist';
    return [notFound(field, `is ${quoted(folder)}, which ${found}; expected a folder (relative to working-directory)`)];
  });
};

/** Scripts exist in their local folder. The default packager need not: the built-in one takes its place. */
export const scripts: Rule = (input) => {
  const { base, model, package: packaging, registration } = input.draft;
  const packagingFolder = packaging.processing_source_dir ?? base.source_dir;
  const packager = packaging.processing_entry_point;
  return [
    ...missingScript(input, 'model.inference_entry_point', [base.source_dir, model.inference_entry_point]),
    ...(packager === DEFAULT_PACKAGER
      ? []
      : missingScript(input, 'package.processing_entry_point', [packagingFolder, packager])),
    ...missingScript(input, 'registration.registration_entry_point', [
      packagingFolder,
      registration.registration_entry_point,
    ]),
  ];
};

function missingScript(
  { files }: RuleInput,
  field: string,
  [folder, script]: readonly [string | null | undefined, string | null | undefined],
): readonly RuleFinding[] {
  if (!isLocal(folder) || typeof script !== 'string' || files.kind(folder) !== 'folder') return [];
  const kind = files.kind(`${folder.replace(/\/+$/, '')}/${script}`);
  if (kind === 'file') return [];
  const found = kind === 'folder' ? `is a folder in ${quoted(folder)}` : `is not in ${quoted(folder)}`;
  return [notFound(field, `is ${quoted(script)}, which ${found}; expected a script that exists there`)];
}

function isLocal(folder: string | null | undefined): folder is string {
  return typeof folder === 'string' && !folder.startsWith('s3://');
}

function quoted(path: string): string {
  return excerpt(JSON.stringify(path));
}

function notFound(field: string, message: string): RuleFinding {
  return { severity: 'error', code: 'not-found', field, message: `${field} ${message}.` };
}
