import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { marked } from 'marked';
import { chromium, type Page } from 'playwright-core';
import { ROOT } from '../harness/run-action.ts';

/** What stands on the rendered page; page/inspect.js says it. */
export interface Rendered {
  readonly headings: readonly string[];
  readonly alerts: readonly string[];
  readonly tables: readonly { readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] }[];
  readonly links: readonly string[];
  /** Names of all elements outside of diagrams. */
  readonly elements: readonly string[];
  readonly openDetails: number;
  readonly folded: readonly string[];
  readonly blocks: readonly string[];
  readonly diagrams: readonly Diagram[];
  /** How far the page reaches beyond the window's width. */
  readonly overflowPixels: number;
  /** Elements that a reader must scroll sideways. */
  readonly scrolling: readonly string[];
}

export interface Diagram {
  readonly drawn: boolean;
  readonly bars: number;
  /** Bars that nobody could see. */
  readonly narrow: number;
  readonly classes: readonly string[];
  readonly names: readonly string[];
  readonly labels: readonly string[];
  readonly ticks: readonly string[];
  readonly outOfBounds: readonly string[];
  readonly overlapping: number;
  readonly elements: readonly string[];
}

export interface Browser {
  render(markdown: string): Promise<Rendered>;
  /** The page as it was rendered last, as PNG. */
  picture(path: string): Promise<void>;
  close(): Promise<void>;
}

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** Path of a Chromium: `BSM_CHROMIUM`, or what is on PATH. undefined where there is none. */
export function findChromium(): string | undefined {
  const candidates = [process.env['BSM_CHROMIUM'] ?? '', ...NAMES].filter((name) => name !== '');
  return candidates.find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0);
}

/** One browser for all pages; nothing it shows comes from the network. */
export async function openBrowser(name: string): Promise<Browser> {
  const folder = mkdtempSync(join(tmpdir(), 'bsm-summary-'));
  const path = spawnSync('sh', ['-c', 'command -v "$0"', name], { encoding: 'utf8' }).stdout.trim();
  const args = ['--no-sandbox', '--allow-file-access-from-files', '--font-render-hinting=none', '--disable-lcd-text'];
  const browser = await chromium.launch({ executablePath: path, args });
  const context = await browser.newContext({
    offline: true,
    timezoneId: 'UTC',
    locale: 'en-US',
    viewport: { width: 880, height: 800 },
  });
  const page: Page = await context.newPage();
  const file = join(folder, 'summary.html');
  return {
    async render(markdown) {
      writeFileSync(file, pageOf(await marked.parse(markdown, { gfm: true })));
      await page.goto(pathToFileURL(file).href);
      await page.evaluate('summaryPage.draw()');
      return page.evaluate('summaryPage.inspect()');
    },
    async picture(to) {
      await page.screenshot({ path: to, fullPage: true });
    },
    async close() {
      await browser.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const require = createRequire(import.meta.url);
const STYLE = pathToFileURL(require.resolve('github-markdown-css/github-markdown-light.css')).href;
const MERMAID = pathToFileURL(require.resolve('@mermaid-js/tiny')).href;
const INSPECT = pathToFileURL(join(ROOT, '__tests__/report/page/inspect.js')).href;

/** GitHub's style and Mermaid around the summary, in the column of a workflow run's page. */
function pageOf(html: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Summary</title>
<link rel="stylesheet" href="${STYLE}">
<style>body { margin: 0; background: #fff } article { padding: 24px }</style>
<script src="${MERMAID}"></script>
<script src="${INSPECT}"></script>
</head><body><article class="markdown-body">${html}</article></body></html>
`;
}
