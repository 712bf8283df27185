import { list, type ConditionBlock, type PolicyDocument, type Statement } from './documents.ts';

/**
 * Decides as IAM does for one account's identity policies: what is denied anywhere is denied, then what is allowed
 * anywhere is allowed, and everything else is not. It knows the operators that the policies use, and no others.
 */
export interface IamRequest {
  readonly action: string;
  readonly resource: string;
  /** Condition keys that the request sets; a key that it does not set is absent, not empty. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

export type Decision = 'allowed' | 'not allowed' | 'denied';

export function decide(policies: readonly PolicyDocument[], request: IamRequest): Decision {
  const matching = policies.flatMap(({ Statement }) => Statement).filter((statement) => applies(statement, request));
  if (matching.some(({ Effect }) => Effect === 'Deny')) return 'denied';
  return matching.length > 0 ? 'allowed' : 'not allowed';
}

function applies(statement: Statement, request: IamRequest): boolean {
  const action = list(statement.Action).some((pattern) => like(pattern.toLowerCase(), request.action.toLowerCase()));
  const resource =
    statement.Resource === undefined || list(statement.Resource).some((one) => like(one, request.resource));
  return action && resource && holds(statement.Condition, request.context ?? {});
}

/** Whether a condition block holds: every operator, and in it every key, must. */
export function holds(block: ConditionBlock | undefined, context: NonNullable<IamRequest['context']>): boolean {
  const found = new Map(Object.entries(context).map(([key, value]) => [key.toLowerCase(), list(value)]));
  return Object.entries(block ?? {}).every(([operator, keys]) =>
    Object.entries(keys).every(([key, expected]) => compare(operator, found.get(key.toLowerCase()), list(expected))),
  );
}

type Match = (expected: string, value: string) => boolean;
const equal: Match = (expected, value) => expected === value;
const OPERATORS: Readonly<Record<string, { readonly match: Match; readonly negated: boolean }>> = {
  StringEquals: { match: equal, negated: false },
  StringNotEquals: { match: equal, negated: true },
  StringLike: { match: like, negated: false },
  StringNotLike: { match: like, negated: true },
  ArnLike: { match: arnLike, negated: false },
  ArnEquals: { match: arnLike, negated: false },
  ArnNotEquals: { match: arnLike, negated: true },
  Bool: { match: (expected, value) => expected.toLowerCase() === value.toLowerCase(), negated: false },
};

function compare(written: string, values: readonly string[] | undefined, expected: readonly string[]): boolean {
  if (written === 'Null') return expected[0] === String(values === undefined);
  const [, quantifier = '', name = '', ifExists = ''] =
    /^(?:(ForAnyValue|ForAllValues):)?([A-Za-z]+?)(IfExists)?$/.exec(written) ?? [];
  const operator = OPERATORS[name];
  if (operator === undefined) throw new Error(`The condition operator ${written} is unknown to this evaluator.`);
  const { match, negated } = operator;
  // A negated operator holds for what is absent; every other holds only with IfExists, or for all of no values.
  if (values === undefined) return ifExists !== '' || negated || quantifier === 'ForAllValues';
  const one = (value: string) => expected.some((pattern) => match(pattern, value)) !== negated;
  if (quantifier === 'ForAnyValue') return values.some(one);
  if (quantifier === '' && values.length !== 1)
    throw new Error(`${written} compares one value, found ${values.length}.`);
  return values.every(one);
}

/** `*` stands for any characters, slashes and colons too, and `?` for one. */
export function like(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}

/** By part: a `*` of an ARN's region does not reach into its account. */
function arnLike(pattern: string, arn: string): boolean {
  const parts = (text: string) => [...text.split(':').slice(0, 5), text.split(':').slice(5).join(':')];
  const found = parts(arn);
  return parts(pattern).every((part, index) => like(part, found[index] ?? ''));
}
