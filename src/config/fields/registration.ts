import { list, variables } from '../collections.ts';
import { optional, required, withDefault } from '../field.ts';
import { choice, text } from '../kinds.ts';
import { PLAIN_TEXT } from '../patterns.ts';
import { fileInside } from './model.ts';

const plainText = text({ expected: 'text of 1 to 256 characters', pattern: PLAIN_TEXT, max: 256 });
const contentTypes = list(choice(['text/csv', 'application/json']), {
  expected: 'a list of text/csv and application/json (one of them or both)',
  min: 1,
  unique: true,
});

/** Fields of the registration. */
export const REGISTRATION_FIELDS = {
  model_owner: withDefault(
    plainText,
    'team id',
    'Team that owns the model. Set it: the default is only a placeholder.',
  ),
  model_registration_domain: withDefault(plainText, 'BuyerSellerMessaging', 'Domain of the model.'),
  model_registration_objective: required(plainText, 'Objective of the model, like RnR_Abuse_Detection.'),
  framework: withDefault(
    choice(['pytorch', 'xgboost', 'sklearn', 'tensorflow']),
    'pytorch',
    'Framework of the model; the model is deployed as PyTorch whatever is said here.',
  ),
  source_model_inference_content_types: withDefault(contentTypes, ['text/csv'], 'What the model takes.'),
  source_model_inference_response_types: withDefault(contentTypes, ['application/json'], 'What the model answers.'),
  source_model_inference_input_variable_list: withDefault(
    variables({ min: 0 }),
    [],
    'Inputs of the model in their order: an object from name to NUMERIC or TEXT, or a list of pairs.',
  ),
  source_model_inference_output_variable_list: withDefault(
    variables({ min: 1 }),
    [{ name: 'legacy-score', type: 'NUMERIC' }],
    'Outputs of the model in their order, at least one; same forms.',
  ),
  registration_entry_point: optional(
    fileInside('the source folder'),
    'Registration script of your own, for another inventory; it then runs in every region.',
    { from: 'the SageMaker Model Registry' },
  ),
};
