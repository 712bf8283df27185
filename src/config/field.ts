import type { Kind } from './kinds.ts';

/**
 * One field of the configuration: validation, JSON Schema and the tables of the documentation all come from it.
 * `T` is what it resolves to.
 */
export interface Field<T> {
  readonly kind: Kind<unknown>;
  readonly presence: Presence;
  /** A sentence for people. */
  readonly about: string;
  /** The section whose step decides it where several give it; without it, the field's own. */
  readonly decidedBy?: 'model';
  /** A field that, given in the same section, speaks for this one. */
  readonly standIn?: string;
  /** Kept from old files; nothing uses it any more. */
  readonly retired?: true;
  /** What it resolves to, for the compiler alone. */
  readonly resolvesTo?: T;
}

/** What stands where the file gives nothing. `derived` is the words for it, with other fields in braces. */
type Presence =
  | { readonly is: 'required' }
  | { readonly is: 'default'; readonly value: unknown; readonly nullable: boolean }
  | { readonly is: 'derived'; readonly from: string }
  | { readonly is: 'optional'; readonly from?: string };

export type Resolved<F> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never };

type Extras = Pick<Field<unknown>, 'standIn' | 'retired'>;

export function required<T>(kind: Kind<T>, about: string): Field<T> {
  return { kind: kind as Kind<unknown>, presence: { is: 'required' }, about };
}

/** `null` in the file is an error. */
export function withDefault<T, const D extends T>(kind: Kind<T>, value: D, about: string): Field<T> {
  return { kind: kind as Kind<unknown>, presence: { is: 'default', value, nullable: false }, about };
}

/** `null` in the file means the default. */
export function withNullableDefault<T, const D extends T>(kind: Kind<T>, value: D, about: string): Field<T> {
  return { kind: kind as Kind<unknown>, presence: { is: 'default', value, nullable: true }, about };
}

/** The default is made from other fields; `null` and empty text in the file mean it. */
export function derived<T>(kind: Kind<T>, from: string, about: string): Field<T> {
  return { kind: kind as Kind<unknown>, presence: { is: 'derived', from }, about };
}

/** `null` where it is not given; `null` and empty text in the file mean the same. `from` says what happens then. */
export function optional<T>(kind: Kind<T>, about: string, extras: Extras & { from?: string } = {}): Field<T | null> {
  const { from, ...rest } = extras;
  const presence: Presence = from === undefined ? { is: 'optional' } : { is: 'optional', from };
  return { kind: kind as Kind<unknown>, presence, about, ...rest };
}

/** A base field that the model step decides: it runs the code, in the image. */
export function decidedByModel<T>(field: Field<T>): Field<T> {
  return { ...field, decidedBy: 'model' };
}
