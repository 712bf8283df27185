import type { Config } from '../config/index.ts';
import type { PlanImages } from './images.ts';
import type { Locations } from './locations.ts';
import type { Facts, Request } from './types.ts';

/** What every later part of planning works from: the open questions of the configuration are answered. */
export interface Resolved {
  readonly config: Config;
  readonly facts: Facts;
  readonly request: Request;
  readonly locations: Locations;
  readonly images: PlanImages;
  /** The open pipeline parameters with their overrides. */
  readonly open: Readonly<Record<string, string>>;
  /** PackageFingerprint, hex SHA-256. */
  readonly packageFingerprint: string;
}
