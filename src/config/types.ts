import type { SectionName, SectionValues } from './sections.ts';

/** The whole configuration, resolved: every field of every section has its value. */
export interface Config extends SectionValues {
  readonly origin: Origin;
}

/** What the file said, as far as the values alone do not tell. */
export interface Origin {
  readonly layout: 'merged' | 'sections';
  /** Fields that the file gives, as `base.bucket`; all others have their defaults. */
  readonly given: readonly `${SectionName}.${string}`[];
  /** Variable lists that the file gives as lists of pairs; the others are objects. */
  readonly pairs: { readonly input: boolean; readonly output: boolean };
}

/** How much the reading asks of the disk; paths as they stand in the configuration. */
export interface FileProbe {
  kind(path: string): 'file' | 'folder' | 'missing';
}

/** What the reading must know of the world. */
export interface Surroundings {
  readonly files: FileProbe;
  /** YYYY-MM-DD */
  readonly today: string;
}
