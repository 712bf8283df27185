import { groupUrl } from '../../aws/console-urls.ts';
import { markdownCode, markdownText } from '../markdown.ts';
import { approvalText, type RegisteredPackage } from '../record.ts';
import { consoleLink, limited, limitedTable, type View } from './view.ts';

/** One row for each region whose package is registered. */
export function packagesSection(view: View): string {
  const { packages } = view.result;
  if (packages.length === 0) return '';
  const rows = packages.map((entry) => [
    `${markdownText(entry.region)} (${markdownText(entry.awsRegion)})`,
    nameOf(entry, view),
    markdownText(entry.confirmed ? approvalText(entry) : `${entry.approval}, not confirmed by the registry`),
    entry.reused ? 'earlier' : 'now',
  ]);
  const table = limitedTable(view, ['Region', 'Model package', 'Approval', 'Registered'], rows);
  // Too long for a column of the table.
  const arns = packages.map(({ arn, region }) => `- ${markdownText(region)}: ${markdownCode(arn)}`);
  return `### Model packages\n\n${table}\n\n${limited(view, arns).join('\n')}`;
}

/** What a team's own script registered is not in the registry's console. */
function nameOf({ awsRegion, confirmed, group, version }: RegisteredPackage, view: View): string {
  const name = `${group === '' ? 'unnamed' : group}${version === 0 ? '' : ` version ${version}`}`;
  return confirmed ? consoleLink(view, name, groupUrl(awsRegion, group)) : markdownText(name);
}
