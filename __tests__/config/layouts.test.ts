import { describe, expect, test } from '@jest/globals';
import { originalVariableList, resolvedValues } from '../../src/config/index.ts';
import { SECTION_NAMES, SECTIONS, STEPS } from '../../src/config/sections.ts';
import { dataFile, read, readText, resolved, sections, warnings } from './support.ts';

interface Merged {
  metadata: { config_types: Record<string, string> };
  configuration: {
    shared: Record<string, unknown>;
    processing: Record<string, Record<string, unknown>>;
    specific: Record<string, Record<string, unknown>>;
  };
}

function merged(change: (file: Merged) => void): Merged {
  const file = JSON.parse(dataFile('example-merged.json')) as Merged;
  change(file);
  return file;
}

describe('both layouts', () => {
  test('say the same', () => {
    const { configuration } = merged(() => {});
    const { shared, processing, specific } = configuration;
    const owned = (section: keyof typeof SECTIONS) =>
      Object.fromEntries(Object.entries(shared).filter(([name]) => name in SECTIONS[section]));
    const file = {
      $schema: 'https://example.com/config.schema.json',
      base: owned('base'),
      model: { ...owned('model'), ...specific['PytorchModel'] },
      package: processing['Package'],
      registration: owned('registration'),
      payload: specific['Payload'],
    };
    const fromMerged = readText(dataFile('example-merged.json'));
    const fromSections = read(file);
    expect(fromSections.ok && resolvedValues(fromSections.config)).toEqual(
      fromMerged.ok && resolvedValues(fromMerged.config),
    );
    expect(warnings(fromSections)).toEqual([]);
  });

  test('a section sees base, then its own', () => {
    const { model, payload } = resolved(
      sections({ base: { max_payload_size: 7, expected_tps: 3 }, model: { max_payload_size: 8 } }),
    );
    expect([model.max_payload_size, payload.expected_tps]).toEqual([8, 3]);
  });
});

describe('the merged layout', () => {
  test('takes shared, then processing, then specific', () => {
    const config = resolved(
      merged(({ configuration: { shared, processing, specific } }) => {
        shared['max_runtime_minutes'] = 1;
        processing['Package'] = { ...processing['Package'], processing_volume_size: 20, max_runtime_minutes: 2 };
        specific['Package'] = { processing_volume_size: 30 };
        processing['PytorchModel'] = { max_payload_size: 99 };
      }),
    );
    const { processing_volume_size, max_runtime_minutes } = config.package;
    expect([processing_volume_size, max_runtime_minutes, config.model.max_payload_size]).toEqual([30, 2, 6]);
  });

  test('leaves the steps of others alone', () => {
    const result = read(
      merged(({ metadata, configuration: { shared, processing, specific } }) => {
        metadata.config_types['Training'] = 'PytorchTrainingConfig';
        shared['training_instance_type'] = 'ml.p3.2xlarge';
        shared['buckett'] = 'x';
        processing['Preprocess'] = { processing_volume_size: 'any' };
        specific['Training'] = { hyperparameters: { lr: 0.1 } };
      }),
    );
    expect([result.ok, warnings(result)]).toEqual([
      true,
      ['configuration.shared.buckett is an unknown field and is ignored; the nearest known one is bucket.'],
    ]);
  });

  test.each(SECTION_NAMES)('needs every step: %s', (section) => {
    const { step, className } = STEPS[section];
    const result = read(
      merged(({ metadata }) => {
        delete metadata.config_types[step];
      }),
    );
    expect(result.ok ? [] : result.problems.map(({ message }) => message)).toEqual([
      `metadata.config_types.${step} is missing; expected "${className}".`,
    ]);
  });
});

describe('one value holds for the whole deployment', () => {
  test('a field that only another step gives is taken from there', () => {
    const config = resolved(
      merged(({ configuration: { shared, specific } }) => {
        delete shared['source_dir'];
        delete shared['model_owner'];
        specific['Base'] = { source_dir: null };
        specific['Payload'] = { ...specific['Payload'], model_owner: 'team-payload' };
        specific['PytorchModel'] = { ...specific['PytorchModel'], source_dir: 'scripts' };
      }),
    );
    expect([config.base.source_dir, config.registration.model_owner]).toEqual(['scripts', 'team-payload']);
  });

  test('a step that says something else is told', () => {
    const result = read(
      merged(({ configuration: { specific } }) => {
        specific['Registration'] = { region: 'EU', bucket: 'bsm-models-123456789012' };
      }),
    );
    expect([result.ok, warnings(result)]).toEqual([
      true,
      [
        'registration.region is "EU" and is ignored: base.region is "NA", and one value holds for the whole deployment.',
      ],
    ]);
  });

  test('the model step decides versions and source', () => {
    const config = resolved(sections({ base: { framework_version: '2.0.1' }, model: { framework_version: '2.2' } }));
    expect(config.base.framework_version).toBe('2.2');
  });
});

describe('names that nobody knows', () => {
  test.each([
    [{ models: {} }, 'models is an unknown section and is ignored; the nearest known one is model.'],
    [
      { author: 'x' },
      'author is an unknown section and is ignored; known are $schema, base, model, package, registration, payload.',
    ],
    [
      { model: { max_payload: 3 } },
      'model.max_payload is an unknown field and is ignored; the nearest known one is max_payload_size.',
    ],
    [{ model: { expected_tps: 3 } }, 'model.expected_tps is ignored here; expected_tps belongs to payload.'],
    [
      { model: { ['::error::\n'.repeat(20)]: 1 } },
      expect.stringMatching(/^model\..{1,80} is an unknown field and is ignored\.$/),
    ],
  ])('%j', (more, expected) => {
    const result = read({ ...sections(), ...more });
    expect([result.ok, warnings(result)]).toEqual([true, [expected]]);
  });
});

describe('variable lists', () => {
  const list = (value: unknown) => {
    const config = resolved(sections({ registration: { source_model_inference_input_variable_list: value } }));
    return [config.registration.source_model_inference_input_variable_list, originalVariableList(config, 'input')];
  };

  test.each([
    ['object', { b: 'text', a: 'NUMERIC' }, { b: 'TEXT', a: 'NUMERIC' }],
    [
      'pairs',
      [
        ['b', 'Text'],
        ['a', 'numeric'],
      ],
      [
        ['b', 'TEXT'],
        ['a', 'NUMERIC'],
      ],
    ],
  ])('keep order and form: %s', (_name, given, printed) => {
    expect(list(given)).toEqual([
      [
        { name: 'b', type: 'TEXT' },
        { name: 'a', type: 'NUMERIC' },
      ],
      printed,
    ]);
  });

  test('names that look like numbers keep their place in the file', () => {
    const text = JSON.stringify(sections()).replace(
      '{"dialogue":"TEXT","order_value":"NUMERIC"}',
      '{"b":"TEXT","1":"NUMERIC"}',
    );
    const result = readText(text);
    expect(result.ok && originalVariableList(result.config, 'input')).toEqual([
      ['b', 'TEXT'],
      ['1', 'NUMERIC'],
    ]);
  });
});
