/** What GitHub says to a job about itself. Read once from the environment; outside GitHub everything is unknown. */
export interface Context {
  /** Folder that relative paths start from, where no working-directory is given. */
  readonly workspace: string;
  /** Folder for files that outlive the step. */
  readonly tempFolder: string;
  readonly provenance: Provenance;
  readonly releaseTag: string | undefined;
  readonly actor: string | undefined;
}

/** The variables of a process, or what a part of the program is given of them. */
export type Environment = Readonly<Record<string, string | undefined>>;

const UNKNOWN = 'none';

export function readContext(environment: Environment, currentFolder: string): Context {
  const variable = (name: string) => (environment[name] === '' ? undefined : environment[name]);
  const server = variable('GITHUB_SERVER_URL') ?? 'https://github.com';
  const repository = variable('GITHUB_REPOSITORY');
  const run = variable('GITHUB_RUN_ID');
  const attempt = variable('GITHUB_RUN_ATTEMPT') ?? '1';
  return {
    workspace: variable('GITHUB_WORKSPACE') ?? currentFolder,
    tempFolder: variable('RUNNER_TEMP') ?? variable('TMPDIR') ?? '/tmp',
    provenance: {
      commit: variable('GITHUB_SHA') ?? UNKNOWN,
      ref: variable('GITHUB_REF') ?? UNKNOWN,
      repository: repository === undefined ? UNKNOWN : `${server}/${repository}`,
      runUrl:
        repository === undefined || run === undefined
          ? UNKNOWN
          : `${server}/${repository}/actions/runs/${run}/attempts/${attempt}`,
    },
    releaseTag: variable('GITHUB_REF_TYPE') === 'tag' ? variable('GITHUB_REF_NAME') : undefined,
    actor: variable('GITHUB_ACTOR'),
  };
}

/** Where a deployment comes from; never empty strings: `none` where unknown. */
export interface Provenance {
  readonly commit: string;
  readonly ref: string;
  readonly runUrl: string;
  readonly repository: string;
}
