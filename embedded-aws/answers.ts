/**
 * The forms an answer can have where AWS's documents leave it open, or where AWS has been seen to answer in two ways.
 * The first value of each is what the embedded AWS says unless it is switched; README.md has the same table.
 */
const ANSWERS = {
  // S3
  's3-conditional-put': ['honoured', 'ignored'],
  's3-conditional-put-kms': ['honoured', 'ignored'],
  's3-kms-etag': ['opaque', 'md5'],
  's3-bucket-owner': ['checked', 'ignored'],
  's3-bucket-policy': ['none', 'conditional-writes'],
  's3-archived': ['refused', 'read'],
  // Pipelines
  'pipeline-definition': ['verbatim', 'reformatted'],
  'execution-definition': ['verbatim', 'reformatted'],
  'inline-definition': ['1-mib', '100-kib'],
  'null-members': ['taken', 'refused'],
  'metadata-parameters': ['resolved', 'refused'],
  'update-version': ['told', 'untold'],
  'execution-version': ['told', 'untold'],
  'start-version': ['taken', 'ignored'],
  'request-token': ['kept', 'ignored'],
  'success-status': ['Succeeded', 'CompletedWithFailures', 'Unheard'],
  'failure-status': ['Failed', 'CompletedWithFailures', 'Unheard'],
  'cache-hit': ['empty', 'absent'],
  'cache-environment': ['compared', 'ignored'],
  'cache-inputs': ['by-path', 'by-content'],
  'selective-source': ['taken', 'refused'],
  'selective-new-step': ['taken', 'refused'],
  'selective-other-version': ['taken', 'refused'],
  'selective-of-selective': ['taken', 'refused'],
  'selective-of-stopped': ['refused', 'taken'],
  // Jobs, models and the registry
  'arn-names': ['lower', 'kept'],
  'describe-names': ['any-case', 'exact'],
  'exit-message': ['told', 'untold'],
  'job-region': ['set', 'absent'],
  'local-storage': ['checked', 'unchecked'],
  'already-exists': ['validation', 'conflict'],
  'group-not-found': ['does-not-exist', 'cannot-find'],
  'package-not-found': ['does-not-exist', 'cannot-find'],
  'register-group': ['required', 'made'],
  'metadata-update': ['merge', 'replace'],
  // Inference Recommender
  recommendation: ['measured', 'no-ping', 'quota', 'no-capacity', 'instance-type', 'no-permission'],
  'recommendation-package': ['described', 'undescribed'],
  // All lists of S3 and SageMaker
  pages: ['end', 'endless'],
} as const satisfies Record<string, readonly string[]>;

export type AnswerName = keyof typeof ANSWERS;
export type AnswerValue<Name extends AnswerName> = (typeof ANSWERS)[Name][number];
export type Answers = { readonly [Name in AnswerName]?: AnswerValue<Name> };

/** Names and values, the standard value first. */
export const ANSWER_TABLE: Readonly<Record<AnswerName, readonly string[]>> = ANSWERS;

export interface AnswerBook {
  get<Name extends AnswerName>(name: Name): AnswerValue<Name>;
  is<Name extends AnswerName>(name: Name, value: AnswerValue<Name>): boolean;
  /** Replaces all that were switched before. */
  set(answers: Answers): void;
  /** What is switched; not what is standard. */
  switched(): Answers;
}

export function createAnswerBook(initial: Answers = {}): AnswerBook {
  let switched = initial;
  const get = <Name extends AnswerName>(name: Name): AnswerValue<Name> =>
    switched[name] ?? (ANSWERS[name][0] as AnswerValue<Name>);
  return {
    get,
    is: (name, value) => get(name) === value,
    set(answers) {
      switched = answers;
    },
    switched: () => switched,
  };
}

/**
 * Reads switches from JSON text: the body of `PUT /_embedded/answers`.
 * @throws Error that names the switch and what it takes
 */
export function parseAnswers(text: string): Answers {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`Answers must be a JSON object, name to value; found ${text.slice(0, 80)}.`);
  }
  return checkAnswers(Object.entries(value));
}

/** @throws Error as `parseAnswers`; of `--answer name=value` */
export function checkAnswers(pairs: readonly (readonly [string, unknown])[]): Answers {
  for (const [name, value] of pairs) {
    const values = Object.hasOwn(ANSWERS, name) ? ANSWER_TABLE[name as AnswerName] : undefined;
    if (values === undefined) {
      throw new Error(`There is no answer '${name}' to switch; expected one of ${Object.keys(ANSWERS).join(', ')}.`);
    }
    if (typeof value !== 'string' || !values.includes(value)) {
      throw new Error(`The answer '${name}' is ${JSON.stringify(value)}; expected ${values.join(' or ')}.`);
    }
  }
  return Object.fromEntries(pairs) as Answers;
}
