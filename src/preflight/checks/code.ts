import { posix } from 'node:path';
import { type DeployError, valueOf } from '../../core/errors.ts';
import { isLfsPointer, LFS_HELP } from '../../core/files.ts';
import { formatSize, shellWord } from '../../core/text.ts';
import { pythonOf } from '../../images/index.ts';
import type { PythonSyntaxError } from '../../inspect/sources.ts';
import { type Check, type CheckFunction, type CheckInput, type CheckName, COSTS, failedBy, notMade } from '../check.ts';
import { costOfMissing } from './archive-entries.ts';
import { listing } from './archive.ts';

const MODEL_FILE = /^(?:\.\/)?[^/]+\.(?:pt|pth)$/;

/** Modules that serving has imported before it looks for the handler; container/package_names.py refuses the same. */
export const TAKEN_NAMES: ReadonlySet<string> = new Set(
  (
    'argparse array ast asyncio base64 binascii bisect bz2 calendar cmath collections concurrent contextlib ' +
    'contextvars copy copyreg csv ctypes dataclasses datetime default_pytorch_inference_handler difflib dis email ' +
    'encodings enum fcntl fileinput fnmatch functools gettext glob grp gzip handler_service hashlib heapq hmac ' +
    'http importlib inspect ipaddress json keyword linecache locale logging lzma math mmap multiprocessing ' +
    'numbers numpy opcode operator os pathlib pickle pickletools pkgutil platform pprint psutil pydoc queue ' +
    'quopri random re reprlib resource sagemaker_inference sagemaker_pytorch_serving_container scipy secrets ' +
    'select selectors serving shutil signal six socket ssl string struct subprocess sys sysconfig tarfile ' +
    'tempfile textwrap threading time timeit token tokenize torch torchgen torchserve traceback ts ts_environment ' +
    'ts_parameters types typing typing_extensions unittest urllib uuid warnings weakref yaml zipfile zlib'
  ).split(' '),
);

/** The handler is there and can load the model: by a `model_fn` of its own, or by the serving toolkit's default. */
export const entryPoint: CheckFunction = (view) => {
  const name = 'entry-point';
  const { config, inspection } = view;
  const { inferenceCode, handler } = inspection;
  if (!inferenceCode.ok) return unreadable(name, inferenceCode.error);
  const folder = config.base.source_dir;
  const path = config.model.inference_entry_point;
  if (!inferenceCode.value.some((file) => file.path === posix.normalize(path))) {
    const message = `${path} is not in ${folder} (model.inference_entry_point, base.source_dir).`;
    const scripts = inferenceCode.value.flatMap((file) => (file.path.endsWith('.py') ? [file.path] : []));
    const there = scripts.length === 0 ? '' : `; there is ${scripts.slice(0, 3).join(', ')}`;
    const advice = `Name the script with the handler functions, at the root of source_dir${there}.`;
    return failedBy(name, { code: 'source-missing', message, advice }, COSTS.packaging);
  }
  if (!handler.ok) return unreadable(name, handler.error);
  if (isLfsPointer(handler.value ?? '')) {
    const message = `${path} in ${folder} is a Git LFS pointer, not the script that it stands for.`;
    return failedBy(name, { code: 'source-missing', message, advice: LFS_HELP }, COSTS.packaging);
  }
  if (TAKEN_NAMES.has(posix.basename(path, '.py'))) return taken(path, view);
  if (inspection.handlerSyntaxError !== undefined) return unparsed(path, inspection.handlerSyntaxError, view);
  switch (definesModelFunction(handler.value ?? '')) {
    case 'yes':
      return { name, result: 'passed', found: `${path} defines model_fn` };
    case 'perhaps':
      return { name, result: 'passed', found: `${path} seems to get model_fn by an import or a condition` };
    case 'no':
      return byDefault(path, view);
  }
};

function taken(path: string, view: CheckInput): Check {
  const file = posix.normalize(path);
  const from = shellWord(posix.join(view.config.base.source_dir, file));
  const to = shellWord(posix.join(view.config.base.source_dir, 'inference.py'));
  return {
    name: 'entry-point',
    ...costsVerification(view),
    found: `${file} is never asked: serving imports a module of that name itself before it looks for the handler (model.inference_entry_point).`,
    fix: `Name it otherwise: \`git mv ${from} ${to}\`, and set model.inference_entry_point to inference.py.`,
  };
}

/** Python reads what older ones wrote: only one that is older than the image's may be wrong. */
function unparsed(path: string, { line, message, version }: PythonSyntaxError, view: CheckInput): Check {
  const { base } = view.config;
  const wanted = pythonOf(base.py_version);
  const isOlder = Number(version.split('.')[1]) < Number(wanted.split('.')[1]);
  const found = `Python ${version} cannot read line ${line} of ${path}: ${message}`;
  return {
    name: 'entry-point',
    ...costsVerification(view),
    ...(isOlder ? { result: 'warning' } : {}),
    found: isOlder ? `${found}; the image's Python ${wanted} may (base.py_version).` : `${found}.`,
    fix: `Mend it until \`python3 -m py_compile ${shellWord(posix.join(base.source_dir, path))}\` is silent.`,
  };
}

/** A team's own packager may help itself; without verification only an endpoint would find out. */
function costsVerification({ config, inspection }: CheckInput): Pick<Check, 'result' | 'cost'> {
  const certain = valueOf(inspection.packager)?.kind !== 'own' && config.package.verify;
  return { result: certain ? 'failed' : 'warning', cost: costOfMissing({ verifies: certain }) };
}

function unreadable(name: CheckName, error: DeployError): Check {
  return error.code === 'source-missing' ? failedBy(name, error, COSTS.packaging) : notMade(name, error);
}

/** The toolkit's default: torch.jit.load of model.pt, or of the only .pt or .pth file at the root. */
function byDefault(path: string, view: CheckInput): Check {
  const name = 'entry-point';
  const archive = listing(view);
  const files = (archive?.members ?? []).filter((member) => MODEL_FILE.test(member.name)).map((member) => member.name);
  const named = files.find((file) => posix.normalize(file) === 'model.pt');
  const chosen = named ?? (files.length === 1 ? files[0] : undefined);
  const loads = 'the serving toolkit loads it as TorchScript';
  if (archive?.complete === true && chosen !== undefined) {
    const found = `${path} defines no model_fn; the model is ${chosen}, ${loads}.`;
    return { name, result: 'suggestion', found, fix: `If it is a state dict or a pickle, define model_fn in ${path}.` };
  }
  const expected =
    'model.pt or exactly one .pt or .pth file at its root, which the serving toolkit loads as TorchScript';
  const fix = `Define model_fn(model_dir) in ${path}, or save the model with torch.jit as model.pt.`;
  if (archive?.complete !== true) {
    const found = `${path} defines no model_fn; the archive, which was not read whole, must then hold ${expected}.`;
    return { name, result: 'warning', found, cost: COSTS.verification, fix };
  }
  const holds = files.length === 0 ? 'none' : files.slice(0, 5).join(', ');
  const found = `${path} defines no model_fn; the archive must then hold ${expected}; it holds ${holds}.`;
  return { name, ...costsVerification(view), found, fix };
}

/** Said once is enough. */
const UNREAD = {
  result: 'not-made',
  found: 'The source folder could not be read (see entry-point).',
  fix: 'What helps there helps here.',
} as const;

/** What nobody wants to publish with a model. */
const SECRET =
  /(?:^|\/)(?:\.env(?:\..*)?|\.netrc|\.npmrc|\.pypirc|\.git-credentials|id_\w+|\.(?:aws|ssh)\/.*|.*\.(?:pem|key|p12|pfx))$/i;

/** What of the source folder becomes code/ of the package: whoever may read the package reads it. */
export const inferenceCode: CheckFunction = (view) => {
  const { config, inspection } = view;
  const name = 'inference-code';
  if (!inspection.inferenceCode.ok) return { ...UNREAD, name };
  const files = inspection.inferenceCode.value;
  const secrets = files.filter(({ path }) => SECRET.test(path)).map(({ path }) => path);
  const folder = config.base.source_dir;
  if (secrets.length > 0) {
    const more = secrets.length > 5 ? ` and ${secrets.length - 5} more` : '';
    return {
      name,
      result: 'warning',
      found: `${folder} holds ${secrets.slice(0, 5).join(', ')}${more}, which would be packaged with the code.`,
      cost: 'nothing fails, and everybody who may read the package reads that, too',
      fix: 'Move out of source_dir what must not be published with the model.',
    };
  }
  const pointer = pointersIn(view);
  if (pointer !== undefined) return pointer;
  const size = formatSize(files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
  const found = `${files.length} ${files.length === 1 ? 'file' : 'files'}, ${size}, of ${folder}`;
  const packaged = environmentIn(files, folder);
  if (packaged !== undefined) return packaged;
  const [first, ...more] = inspection.leftOut ?? [];
  if (first === undefined) return { name, result: 'passed', found };
  const others =
    more.length === 0
      ? ''
      : `; so ${more.length === 1 ? 'is' : 'are'} ${more.map(({ path }) => `${path}/`).join(', ')}`;
  return {
    name,
    result: 'warning',
    found: `${folder} holds ${first.is}, ${first.path}/, known by its ${MARKS[first.is]}: it is left out of the package${others}.`,
    cost: 'nothing fails by it; packaged, it would be uploaded, and served, with every file in it',
    fix: `Keep it outside of source_dir (\`mv ${folder}/${first.path} .\`); what the handler imports belongs into ${folder}/requirements.txt.`,
  };
};

/** Only requirements.txt is read in any case: by pip, which knows no such requirement. */
function pointersIn({ config, inspection }: CheckInput): Check | undefined {
  const entryPoint = config.model.inference_entry_point;
  const pointers = (valueOf(inspection.inferenceCode) ?? []).filter(
    ({ path, isPointer }) => isPointer === true && path !== entryPoint,
  );
  if (pointers.length === 0) return undefined;
  const names = pointers.map(({ path }) => path);
  const isCertain = names.includes('requirements.txt') && config.package.verify;
  const what =
    names.length === 1 ? 'a Git LFS pointer, not the file itself' : 'Git LFS pointers, not the files themselves';
  return {
    name: 'inference-code',
    result: isCertain ? 'failed' : 'warning',
    found: `${config.base.source_dir} holds ${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''} as ${what}.`,
    cost: costOfMissing({ verifies: config.package.verify }),
    fix: LFS_HELP,
  };
}

/** An environment that is not left out: the folder itself, or one of conda's. */
function environmentIn(files: readonly { readonly path: string }[], folder: string): Check | undefined {
  const mark = files.find(({ path }) => path === 'pyvenv.cfg' || /^(?:.+\/)?conda-meta\/history$/.test(path))?.path;
  if (mark === undefined) return undefined;
  const where = mark.replace(/\/?(?:pyvenv\.cfg|conda-meta\/history)$|^conda-meta\/history$/, '');
  const count = files.filter(({ path }) => path.startsWith(where)).length;
  const is = mark === 'pyvenv.cfg' ? 'a virtual environment (pyvenv.cfg)' : 'a conda environment (conda-meta)';
  return {
    name: 'inference-code',
    result: 'warning',
    found: `${where === '' ? `${folder} is itself` : `${folder} holds`} ${is}${where === '' ? '' : `, ${where}/`}: ${count} ${count === 1 ? 'file' : 'files'} that would be packaged.`,
    cost: 'nothing fails by it; all of it is uploaded, and served, with every package',
    fix: `Keep environments outside of source_dir; what the handler imports belongs into ${folder}/requirements.txt.`,
  };
}

const MARKS = { 'a virtual environment': 'pyvenv.cfg', 'installed Node packages': 'package.json' } as const;

/** Who packages, and who registers. */
export const packager: CheckFunction = ({ inspection }) => {
  const name = 'packager';
  const code = inspection.inferenceCode;
  for (const result of [inspection.packager, inspection.registrar]) {
    if (result.ok) continue;
    if (!code.ok && code.error.message === result.error.message) return { ...UNREAD, name };
    return unreadable(name, result.error);
  }
  const [packs, registers] = [valueOf(inspection.packager), valueOf(inspection.registrar)];
  const who = packs?.kind === 'own' ? `your own ${packs.entryPoint}` : 'the built-in packager';
  const also = registers?.kind === 'own' ? `; registered by your own ${registers.entryPoint}` : '';
  return { name, result: 'passed', found: `Packaged by ${who}${also}` };
};

/** Whether a handler's source defines `model_fn`; `perhaps` where it imports names without listing them. */
export type ModelFunction = 'yes' | 'perhaps' | 'no';

const DEFINED = [
  /^(?:async[ \t]+)?def[ \t]+model_fn[ \t]*\(/m,
  /^model_fn[ \t]*(?::[^=\n]+)?=(?!=)/m,
  // `from x import (a, model_fn)` over several lines, too, and `import y as model_fn`.
  /^from[ \t]+[\w.]+[ \t]+import[ \t]+(?:\([^)]*|[^\n(]*)\bmodel_fn\b/m,
];
// Names that the text does not show: `import *`, definitions inside of a block.
const PERHAPS = [/^[ \t]*from[ \t]+[\w.]+[ \t]+import[ \t]+\*/m, /^[ \t]+(?:async[ \t]+)?def[ \t]+model_fn[ \t]*\(/m];

/** Looks at the text only: nothing of a model's code runs here. */
export function definesModelFunction(source: string): ModelFunction {
  const text = source.replace(/\r\n?/g, '\n');
  if (DEFINED.some((pattern) => pattern.test(text))) return 'yes';
  return PERHAPS.some((pattern) => pattern.test(text)) ? 'perhaps' : 'no';
}
