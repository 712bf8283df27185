import { type Inspection, inspection } from '../jobs.ts';
import type { Answer, Json } from '../outcome.ts';
import type { Probe, Verdict } from '../probe.ts';

/** The inference image, run as a processing job: what the packager and the verification rely on. */

type Report = Inspection['report'];

interface Row {
  readonly id: string;
  readonly question: string;
  readonly matters: string;
  readonly assumed: string;
  readonly source: string;
  readonly read: (report: Report) => Answer;
  readonly right: (answer: Answer) => boolean;
}

const member = (report: Report, outer: string, inner: string): Json =>
  (report[outer] as { readonly [name: string]: Json } | undefined)?.[inner] ?? null;

const matches = (pattern: RegExp, value: Json | undefined) => typeof value === 'string' && pattern.test(value);

const ROWS: readonly Row[] = [
  {
    id: 'image-entry-point',
    question: 'Does ContainerEntrypoint replace the entry point of the inference image?',
    matters: 'The image would otherwise start its model server and wait for requests until the time is up.',
    assumed: 'Yes: the first process of the container is python3 with our script.',
    source: 'design: 4',
    read: ({ first_process: process = [] }) => ({ process }),
    right: ({ process = [] }) => Array.isArray(process) && matches(/python3/, (process as readonly Json[])[0]),
  },
  {
    id: 'image-python',
    question: 'Which Python does the inference image run as python3?',
    matters: 'The packager is written for 3.8 and newer; the model is verified by this interpreter.',
    assumed: '3.8 or newer.',
    source: 'design: 7',
    read: ({ python = null, user = null, pip = null }) => ({ python, user, pip: pip !== null }),
    right: ({ python }) => matches(/^3\.([89]|[1-9]\d)\./, python),
  },
  {
    id: 'image-boto3',
    question: 'Does the inference image hold boto3 and PyTorch?',
    matters: 'The regional registration calls AWS with boto3; a model is verified with PyTorch.',
    assumed: 'Both.',
    source: 'design: 4',
    read: (report) => ({ boto3: member(report, 'modules', 'boto3'), torch: member(report, 'modules', 'torch') }),
    right: ({ boto3, torch }) => boto3 !== null && torch !== null,
  },
  {
    id: 'image-java-and-toolkit',
    question: 'Does the inference image hold the model server, its Java, and the inference toolkit?',
    matters: 'A package is verified by the server that will serve it, where the image has it.',
    assumed: 'java, ts, sagemaker_inference and sagemaker_pytorch_serving_container.',
    source: 'design: 7',
    read: (report) => ({
      java: report['java'] !== null,
      server: member(report, 'modules', 'ts'),
      toolkit: member(report, 'modules', 'sagemaker_inference'),
      handler: member(report, 'modules', 'sagemaker_pytorch_serving_container'),
    }),
    right: ({ java, server, toolkit, handler }) =>
      java === true && [server, toolkit, handler].every((version) => version !== null),
  },
  {
    id: 'model-folder',
    question: 'Can a processing job write into /opt/ml/model?',
    matters: 'The server of the image serves what lies there.',
    assumed: 'Yes, whether or not the folder is there at the start.',
    source: 'design: 7',
    read: (report) => ({
      existed: member(report, 'model_folder', 'existed'),
      writable: member(report, 'model_folder', 'writable'),
    }),
    right: ({ writable }) => writable === true,
  },
  {
    id: 'job-region-variable',
    question: 'Which variables tell a processing job its region?',
    matters: 'boto3 needs one; scripts that name the region do not depend on it.',
    assumed: 'AWS_REGION or AWS_DEFAULT_REGION may be set; nothing relies on it.',
    source: 'answers: container-environment',
    read: (report) =>
      Object.fromEntries(
        ['AWS_REGION', 'AWS_DEFAULT_REGION', 'SAGEMAKER_REGION'].map((name) => [name, member(report, 'region', name)]),
      ),
    right: (answer) =>
      Object.entries(answer).every(
        ([name, value]) => name === 'container' || value === null || matches(/^[a-z]+(-[a-z]+)+-\d$/, value),
      ),
  },
];

export const image: readonly Probe[] = ROWS.map(({ read, right, ...row }) => ({
  ...row,
  needs: ['jobs'],
  jobs: ['inspection'],
  calls: ['sagemaker:StartPipelineExecution', 's3:GetObject'],
  aboutImage: true,
  undecided: 'Who was asked runs jobs as processes, without a container: there is no image to look at.',
  async ask(account) {
    const { report } = await inspection(account);
    return report['container'] === true ? { container: true, ...read(report) } : { container: false };
  },
  // Without a container (the embedded AWS) there is no image to judge.
  judge: (answer): Verdict => (answer['container'] !== true ? 'unknown' : right(answer) ? 'holds' : 'contradicted'),
}));
