import type { AnswerBook } from '../../answers.ts';
import type { Json } from '../../contracts.ts';
import { isObject, object } from '../json.ts';
import { type Definition, definitionError } from './definition.ts';

/** Forms of a definition of which no document says whether SageMaker takes them. */
export function checkForms(definition: Definition, text: string, answers: AnswerBook): void {
  if (answers.is('null-members', 'refused')) refuseNulls(JSON.parse(text) as Json);
  if (answers.is('metadata-parameters', 'refused')) refuseExpressionsInMetadata(definition);
}

function refuseNulls(root: Json): void {
  const found = isObject(root) ? Object.keys(root).find((member) => root[member] === null) : undefined;
  if (found !== undefined) throw definitionError(`${found} is null; leave out what has no value.`);
}

function refuseExpressionsInMetadata({ steps }: Definition): void {
  for (const step of steps) {
    const metadata = object(step.arguments, 'CustomerMetadataProperties') ?? {};
    const found = Object.keys(metadata).find((key) => typeof metadata[key] !== 'string');
    if (found !== undefined) {
      throw definitionError(`CustomerMetadataProperties.${found} of step '${step.name}' must be a string.`);
    }
  }
}
