/** An AWS that keeps a list of the pipelines and groups that are there, and answers for the lists of both. */
import { type Exchange, openSwitchboard, type Switch } from './switchboard.ts';

export interface Ledger {
  readonly url: string;
  /** Names of what was made and not removed. */
  there(): readonly string[];
  close(): Promise<void>;
}

export async function openLedger(target: string): Promise<Ledger> {
  const pipelines = new Set<string>();
  const groups = new Set<string>();
  const note = (operation: string, member: string, carryOut: (name: string) => unknown): Switch => ({
    operation,
    answer: (real, { body }) => {
      if (real.status === 200) carryOut((JSON.parse(body) as Record<string, string>)[member] ?? '');
      return real;
    },
  });
  const list = (operation: string, member: string, entries: () => readonly object[]): Switch => ({
    operation,
    answer: { instead: () => jsonAnswer({ [member]: entries() }) },
  });
  const board = await openSwitchboard(target, [
    note('CreatePipeline', 'PipelineName', (name) => pipelines.add(name)),
    note('DeletePipeline', 'PipelineName', (name) => pipelines.delete(name)),
    note('CreateModelPackageGroup', 'ModelPackageGroupName', (name) => groups.add(name)),
    note('DeleteModelPackageGroup', 'ModelPackageGroupName', (name) => groups.delete(name)),
    list('ListPipelines', 'PipelineSummaries', () => [...pipelines].map((PipelineName) => ({ PipelineName }))),
    list('ListModelPackageGroups', 'ModelPackageGroupSummaryList', () =>
      [...groups].map((ModelPackageGroupName) => ({ ModelPackageGroupName })),
    ),
  ]);
  return { url: board.url, there: () => [...pipelines, ...groups], close: () => board.close() };
}

function jsonAnswer(value: object): Exchange {
  const headers = { 'content-type': 'application/x-amz-json-1.1' };
  return { status: 200, headers, body: Buffer.from(JSON.stringify(value)) };
}
