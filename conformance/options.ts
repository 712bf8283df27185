export interface Options {
  /** The one name of this run: `bsm-conformance-1a2b3c4d`. */
  readonly run: string;
  readonly bucket: string;
  readonly role: string;
  /** Ends in `/`. */
  readonly keyPrefix: string;
  /** A bucket of another region. */
  readonly regional?: { readonly region: string; readonly bucket: string };
  readonly kmsKey?: string;
  readonly sessionRole?: string;
  /** What the caller allowed; probes that need more are not asked. */
  readonly allowed: ReadonlySet<Need>;
  /** Ids of the probes to ask; all where left out. */
  readonly only?: readonly string[];
}

/** What a probe needs beyond a bucket and a role; each is asked for by a flag of its own. */
export type Need =
  | 'jobs'
  | 'regional-bucket'
  | 'kms-key'
  | 'large-copy'
  | 'bucket-policy'
  | 'session-role'
  | 'load-test';
