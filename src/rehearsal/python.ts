import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { isObject, parseJsonObject, textIn } from '../core/json.ts';

/** The interpreter that the jobs of a rehearsal run with, and what they would find in it. */
export interface Python {
  /** The program itself, not a shim that needs variables of its own. */
  readonly path: string;
  /** `3.12` */
  readonly version: string;
  readonly hasBoto3: boolean;
  readonly hasTorch: boolean;
}

const LOOK = `
import importlib.util, json, sys
assert sys.version_info >= (3, 8)
has = lambda name: importlib.util.find_spec(name) is not None
print(json.dumps({"path": sys.executable, "version": "%d.%d" % sys.version_info[:2],
                  "has": {"boto3": has("boto3"), "torch": has("torch")}}))
`;

/** The first of python3 and python on the PATH that is 3.8 or newer; undefined where there is none. */
export async function findPython(searchPath: string): Promise<Python | undefined> {
  for (const name of ['python3', 'python']) {
    const found = await look(name, searchPath);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function look(name: string, searchPath: string): Promise<Python | undefined> {
  try {
    // Nothing of our environment but the path, as the jobs will have it. Isolated (-I): else Python would take modules from
    // the folder that we are in, which is the checkout, and run them before anything hides our environment from them; and
    // packages from the user's own folder, which jobs with a HOME of their own do not see.
    const env = { PATH: searchPath };
    const { stdout } = await promisify(execFile)(name, ['-I', '-c', LOOK], { env, timeout: 30_000 });
    const answer = parseJsonObject(stdout);
    if (answer === undefined || !isObject(answer['has'])) return undefined;
    const { boto3, torch } = answer['has'];
    const [path, version] = [textIn(answer, 'path'), textIn(answer, 'version')];
    return { path, version, hasBoto3: boto3 === true, hasTorch: torch === true };
  } catch {
    return undefined;
  }
}
