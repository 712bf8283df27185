// Runs in the page of a rendered summary: draws it as GitHub does, and says what is there. Plain script, no module.

/** Alerts and diagrams are not Markdown of every renderer: GitHub makes them of quotes and of fenced blocks. */
async function drawSummary() {
  for (const quote of document.querySelectorAll('blockquote')) {
    const mark = /^\[!(\w+)\]\s*/.exec(quote.textContent.trim());
    if (mark === null) continue;
    const first = quote.querySelector('p').firstChild;
    first.textContent = first.textContent.replace(/^\s*\[!\w+\]\s*/, '');
    const title = document.createElement('p');
    title.className = 'markdown-alert-title';
    title.textContent = mark[1][0] + mark[1].slice(1).toLowerCase();
    const alert = document.createElement('div');
    alert.className = `markdown-alert markdown-alert-${mark[1].toLowerCase()}`;
    alert.append(title, ...quote.childNodes);
    quote.replaceWith(alert);
  }
  for (const code of document.querySelectorAll('pre > code.language-mermaid')) {
    const drawing = document.createElement('div');
    drawing.className = 'mermaid';
    drawing.textContent = code.textContent;
    code.parentElement.replaceWith(drawing);
  }
  mermaid.initialize({ startOnLoad: false });
  await mermaid.run({ querySelector: '.mermaid', suppressErrors: true });
}

function inspectSummary() {
  const page = document.querySelector('article');
  const texts = (selector, within = page) =>
    [...within.querySelectorAll(selector)].map((node) => node.textContent.trim());
  const outside = [...page.querySelectorAll('*')].filter((node) => node.closest('.mermaid') === null);
  return {
    headings: texts('h2, h3'),
    alerts: texts('.markdown-alert'),
    tables: [...page.querySelectorAll('table')].map((table) => ({
      columns: texts('th', table),
      rows: [...table.querySelectorAll('tbody tr')].map((row) => texts('td', row)),
    })),
    links: [...page.querySelectorAll('a')].map((link) => link.href),
    elements: [...new Set(outside.map((node) => node.localName))],
    openDetails: page.querySelectorAll('details[open]').length,
    folded: texts('details > summary'),
    blocks: texts('pre > code:not([class])'),
    diagrams: [...page.querySelectorAll('.mermaid')].map(inspectDiagram),
    overflowPixels: Math.max(0, document.documentElement.scrollWidth - innerWidth),
    scrolling: outside
      .filter(
        (node) =>
          node.scrollWidth > node.clientWidth + 1 &&
          node.clientWidth > 0 &&
          getComputedStyle(node).overflowX === 'auto',
      )
      .map((node) => node.localName),
  };
}

function inspectDiagram(drawing) {
  const svg = drawing.querySelector('svg');
  if (svg === null)
    return { drawn: false, text: drawing.textContent, bars: 0, labels: [], outOfBounds: [], elements: [] };
  const edge = svg.getBoundingClientRect();
  const isOut = (node) => {
    const box = node.getBoundingClientRect();
    return box.left < edge.left || box.right > edge.right || box.top < edge.top || box.bottom > edge.bottom;
  };
  const labels = [...svg.querySelectorAll('text.taskText, text[class*=taskTextOutside]')];
  const bars = [...svg.querySelectorAll('rect.task')];
  const names = [...svg.querySelectorAll('text.sectionTitle')];
  const ticks = [...svg.querySelectorAll('.grid .tick text')];
  const narrow = bars.filter((bar) => bar.getBoundingClientRect().width < 2).length;
  return {
    drawn: !/syntax error/i.test(svg.textContent),
    bars: bars.length,
    narrow,
    classes: bars.map((bar) => bar.getAttribute('class').trim()),
    names: names.map((node) => node.textContent),
    labels: labels.map((node) => node.textContent.trim()),
    ticks: ticks.map((node) => node.textContent),
    outOfBounds: [...labels, ...names, ...ticks, ...bars].filter(isOut).map((node) => node.textContent || 'bar'),
    overlapping: overlaps([...labels, ...names]) + overlaps(ticks),
    elements: [...new Set([...svg.querySelectorAll('*')].map((node) => node.localName))],
  };
}

/** How many pairs of texts lie on one another. */
function overlaps(nodes) {
  const boxes = nodes.map((node) => node.getBoundingClientRect()).filter(({ width }) => width > 0);
  const pairs = boxes.flatMap((one, index) => boxes.slice(index + 1).map((other) => [one, other]));
  return pairs.filter(([a, b]) => a.left < b.right && b.left < a.right && a.top + 2 < b.bottom && b.top + 2 < a.bottom)
    .length;
}

globalThis.summaryPage = { draw: drawSummary, inspect: inspectSummary };
