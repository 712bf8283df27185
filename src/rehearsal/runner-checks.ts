import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Config } from '../config/index.ts';
import { isObject, parseJsonObject, textIn } from '../core/json.ts';
import type { Request } from '../plan/types.ts';
import { pythonOf } from '../images/index.ts';
import type { Check } from '../preflight/check.ts';
import type { Sandbox } from './sandbox.ts';

/** The interpreter that the jobs of a rehearsal run with, and what they would find in it. */
export interface Python {
  /** The program itself, not a shim that needs variables of its own. */
  readonly path: string;
  /** `3.12` */
  readonly version: string;
  readonly hasBoto3: boolean;
  readonly hasTorch: boolean;
  /** `2.6.0+cpu`; undefined where none is installed, or it does not say. */
  readonly torch?: string | undefined;
}

const PROBE = `
import importlib.metadata, importlib.util, json, sys
assert sys.version_info >= (3, 8)
has = lambda name: importlib.util.find_spec(name) is not None
try:
    torch = importlib.metadata.version("torch")
except importlib.metadata.PackageNotFoundError:
    torch = None
print(json.dumps({"path": sys.executable, "version": "%d.%d" % sys.version_info[:2],
                  "has": {"boto3": has("boto3"), "torch": has("torch")}, "torch": torch}))
`;

/** The first of python3 and python on the PATH that is 3.8 or newer; undefined where there is none. */
export async function findPython(searchPath: string): Promise<Python | undefined> {
  for (const name of ['python3', 'python']) {
    const found = await probe(name, searchPath);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function probe(name: string, searchPath: string): Promise<Python | undefined> {
  try {
    // Nothing of our environment but the path, as the jobs will have it. Isolated (-I): else Python would take modules from
    // the folder that we are in, which is the checkout, and run them before anything hides our environment from them; and
    // packages from the user's own folder, which jobs with a HOME of their own do not see.
    const env = { PATH: searchPath };
    const { stdout } = await promisify(execFile)(name, ['-I', '-c', PROBE], { env, timeout: 30_000 });
    const answer = parseJsonObject(stdout);
    if (answer === undefined || !isObject(answer['has'])) return undefined;
    const { boto3, torch } = answer['has'];
    const [path, version] = [textIn(answer, 'path'), textIn(answer, 'version')];
    const torchVersion = textIn(answer, 'torch') || undefined;
    return { path, version, hasBoto3: boto3 === true, hasTorch: torch === true, torch: torchVersion };
  } catch {
    return undefined;
  }
}

/** pip falls back to the user's own folder where it may not write into Python's; jobs have another home. */
const PLACE =
  '(in a workflow, in a step before this one, after actions/setup-python; in a terminal, in a virtual environment): jobs do not see ~/.local';

const COSTS = { job: 'the first job of the rehearsal fails', registration: 'the registration job fails' } as const;

/** What was found of the runner. */
export interface RunnerFacts {
  readonly python: Python | undefined;
  readonly sandbox: Pick<Sandbox, 'isolated' | 'problem'>;
}

/** Whether this runner can rehearse: what SageMaker's images have, it must bring itself. */
export function runnerChecks({ python, sandbox }: RunnerFacts, rehearsal: RehearsalRequest): readonly Check[] {
  if (python === undefined) return [NO_PYTHON];
  return [
    sandbox.isolated ? ISOLATED : notIsolated(sandbox.problem),
    pythonCheck(python, rehearsal.config),
    ...boto3Check(python, rehearsal),
    ...torchCheck(python, rehearsal.config),
  ];
}

interface RehearsalRequest {
  readonly config: Config;
  readonly request: Request;
}

const NO_PYTHON: Check = {
  name: 'runner',
  result: 'failed',
  found:
    'There is no Python 3.8 or newer on this machine (python3 or python on the PATH); the jobs of a pipeline are Python.',
  cost: COSTS.job,
  fix: 'In a workflow, install it by actions/setup-python; in a terminal, install it and put it on the PATH.',
};

const ISOLATED: Check = {
  name: 'runner',
  result: 'passed',
  found:
    'Jobs have an environment of their own, see no other process of this machine and none of the places where credentials usually are, and can write to their own folder only',
};

/** What namespaces could not give, by the reason. */
const PROBLEMS: Readonly<Record<NonNullable<Sandbox['problem']>, string>> = {
  'no-namespaces':
    "this system does not let us hide processes and files from the jobs: the model's code could read the environments of other processes and credentials in files, and change what runs after it.",
  root: 'this runs as root and there is no other user to become: what hides files and processes from the jobs does not hold against root.',
};

function notIsolated(problem: Sandbox['problem'] = 'no-namespaces'): Check {
  const user = problem === 'root' ? 'as a user who is not root, ' : '';
  return {
    name: 'runner',
    result: 'warning',
    found: `Not isolated: jobs have an environment of their own, but ${PROBLEMS[problem]}`,
    cost: 'code that is not trusted can take what this process may do',
    fix: `In a workflow, rehearse code that is not trusted ${user}in a job of its own, with \`permissions: contents: read\` and no secrets; in a terminal, rehearse it ${user}where no secrets are.`,
  };
}

function pythonCheck({ path, version }: Python, { base, model }: Config): Check {
  const wanted = pythonOf(base.py_version);
  const found = `Jobs run by Python ${version} (${path})`;
  // What an image of one's own has is not known here.
  if (wanted === version || model.inference_image !== null) return { name: 'runner', result: 'passed', found };
  return {
    name: 'runner',
    result: 'suggestion',
    found: `${found}; SageMaker's image has ${wanted} (base.py_version).`,
    fix: `Use Python ${wanted} on this machine, too.`,
  };
}

function boto3Check({ hasBoto3 }: Python, { config, request }: RehearsalRequest): readonly Check[] {
  const others = request.regions.filter((region) => region !== 'NA');
  const needed = others.length > 0 || typeof config.registration.registration_entry_point === 'string';
  if (!needed || hasBoto3) return [];
  return [
    {
      name: 'runner',
      result: 'failed',
      found: `boto3 is not installed where jobs find it; registration in ${others.join(', ') || 'your own inventory'} is a job that uses it.`,
      cost: COSTS.registration,
      fix: `Run \`python -m pip install boto3\` ${PLACE}.`,
    },
  ];
}

function torchCheck({ hasTorch, torch }: Python, config: Config): readonly Check[] {
  if (!config.package.verify) return [];
  if (hasTorch) return torch === undefined ? [] : otherTorch(torch, config);
  return [
    {
      name: 'runner',
      result: 'warning',
      found:
        'PyTorch is not installed where jobs find it: the rehearsal packages and registers, but cannot verify that the package answers its payloads.',
      cost: 'a package that cannot answer is found by the deployment only',
      fix: `Run \`python -m pip install torch\`, with whatever else the handler imports ${PLACE}.`,
    },
  ];
}

/** A model may load in one version of PyTorch and not in another. */
function otherTorch(torch: string, { base, model }: Config): readonly Check[] {
  const wanted = base.framework_version;
  const plain = torch.replace(/\+.*$/, '');
  if (plain === wanted || plain.startsWith(`${wanted}.`) || model.inference_image !== null) return [];
  return [
    {
      name: 'runner',
      result: 'suggestion',
      found: `The package is verified with PyTorch ${torch}; SageMaker's image has ${wanted} (base.framework_version).`,
      fix: `Run \`python -m pip install torch==${wanted}\` ${PLACE}; or set base.framework_version to the version that the model was made with.`,
    },
  ];
}
