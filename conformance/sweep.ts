/** What a clean-up has to remove, and with what; shared by its parts. */
import type { Made } from './account.ts';
import type { Clients } from './clients.ts';

export interface Place {
  readonly run: string;
  readonly keyPrefix: string;
  readonly bucket: string;
  readonly regional?: { readonly region: string; readonly bucket: string };
  readonly pollMs: number;
  /** Left out after a run that was killed: then only lists tell what it made. */
  readonly made?: Made;
}

/** What is being removed, and what became of it. */
export interface Sweep {
  readonly clients: Clients;
  readonly place: Place;
  /** Carries out one removal and notes how it ended. */
  readonly remove: (what: string, removal: () => Promise<unknown>) => Promise<void>;
  readonly pause: () => Promise<void>;
}
