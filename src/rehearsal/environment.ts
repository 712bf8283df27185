type Environment = Readonly<Record<string, string | undefined>>;

/** Where the embedded AWS of a rehearsal is, and a file that holds nothing. */
export interface RehearsalAws {
  readonly url: string;
  /** For the SDK's configuration and credentials files: no profile, role or endpoint of the caller's comes in by them. */
  readonly emptyFile: string;
}

/** Credentials for the embedded AWS alone: they are worth nothing anywhere else. */
const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'AKIAREHEARSAL0000000', AWS_SECRET_ACCESS_KEY: 'rehearsal' };

/** What has to change in an environment so that every client reaches the embedded AWS and nothing else. */
export function rehearsalChanges(
  environment: Environment,
  { url, emptyFile }: RehearsalAws,
): Readonly<Record<string, string | undefined>> {
  // Endpoints by service, profiles, FIPS and dual-stack switches, container and web identity credentials: all of it.
  const foreign = Object.keys(environment).filter((name) => /^AWS_/i.test(name));
  return {
    ...Object.fromEntries(foreign.map((name) => [name, undefined])),
    ...CREDENTIALS,
    AWS_ENDPOINT_URL: url,
    AWS_REGION: 'us-east-1',
    AWS_CONFIG_FILE: emptyFile,
    AWS_SHARED_CREDENTIALS_FILE: emptyFile,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

/** Makes the changes, and gives back what undoes them. undefined: the variable is removed. */
export function applyChanges(
  environment: Record<string, string | undefined>,
  changes: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | undefined>> {
  const before = Object.fromEntries(Object.keys(changes).map((name) => [name, environment[name]]));
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) delete environment[name];
    else environment[name] = value;
  }
  return before;
}
