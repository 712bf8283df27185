import type { InspectedHolder, InspectedHolders, NameDifference } from '../../inspect/models.ts';
import { type Check, notMade } from '../check.ts';

const name = 'groups';
const COST = 'versions of two models stand in one group, and whoever takes or approves the newest gets the wrong one';
const FIX =
  'Give every model a pipeline of its own: set base.pipeline_name, which names the model package group, too. Where it is the same model under a new name, go on.';
const FIX_OTHER =
  'Give every model a pipeline of its own: set base.pipeline_name, which names the model package group, too. Where it is the same model, change its name and its variables in two deployments.';

/** Two models do not share a pipeline or a group unawares. What several of them say alike is said once. */
export function holderChecks(holders: InspectedHolders): readonly Check[] {
  const denied = holders.flatMap((holder) => (holder.ok ? [] : [notMade(name, holder.error)]));
  const others = holders.flatMap((holder) =>
    holder.ok && holder.value !== undefined && holder.value.differing.length > 0 ? [holder.value] : [],
  );
  const names = [...new Set(others.map(nameOf))];
  const checks = names.flatMap((key) => otherModel(others.filter((holder) => nameOf(holder) === key)));
  // One reason is enough: what denies one denies all.
  return [...checks, ...denied.slice(0, 1)];
}

function nameOf({ differing }: InspectedHolder): string {
  return JSON.stringify(differing);
}

function otherModel(alike: readonly InspectedHolder[]): readonly Check[] {
  const [first] = alike;
  if (first === undefined) return [];
  const what = alike.map((holder) => holder.what).join(' and ');
  const isOther = alike.some(({ hasOtherVariables }) => hasOtherVariables === true);
  const variables = isOther ? ', and its variables are others, too' : '';
  const found = `${what} ${alike.length === 1 ? 'is' : 'are'} of another model: ${first.differing.map(differenceText).join(', ')}${variables}.`;
  if (!isOther) return [{ name, result: 'warning', found, cost: COST, fix: FIX }];
  return [{ name, result: 'failed', found, cost: COST, fix: FIX_OTHER, code: 'plan-invalid' }];
}

function differenceText({ name: what, there, here }: NameDifference): string {
  return `its ${what} is ${there}, this one's is ${here}`;
}
