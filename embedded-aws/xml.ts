/** The little XML that S3 and STS speak: elements with text, no attributes but the namespace, no mixed content. */

type XmlContent = string | number | boolean | undefined | XmlTree | readonly XmlContent[];
export interface XmlTree {
  readonly [element: string]: XmlContent;
}

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** Writes a document. A list writes its element once for each entry; undefined writes none. */
export function writeXml(root: string, content: XmlTree, namespace?: string): string {
  const attribute = namespace === undefined ? '' : ` xmlns="${namespace}"`;
  return `${DECLARATION}<${root}${attribute}>${writeChildren(content)}</${root}>`;
}

function writeChildren(tree: XmlTree): string {
  return Object.entries(tree)
    .map(([name, content]) => writeElement(name, content))
    .join('');
}

function writeElement(name: string, content: XmlContent): string {
  if (content === undefined) return '';
  if (Array.isArray(content)) return content.map((entry: XmlContent) => writeElement(name, entry)).join('');
  const inner = typeof content === 'object' ? writeChildren(content as XmlTree) : escapeXml(String(content));
  return `<${name}>${inner}</${name}>`;
}

/** Control characters, which keys may hold, become references: AWS writes them so too, and its clients read them. */
function escapeXml(text: string): string {
  return text.replace(/[&<>"\p{Cc}]/gu, (character) => {
    const named = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }[character];
    return named ?? `&#x${(character.codePointAt(0) ?? 0).toString(16)};`;
  });
}

export interface XmlElement {
  readonly name: string;
  readonly text: string;
  readonly children: readonly XmlElement[];
}

interface OpenElement {
  readonly name: string;
  text: string;
  readonly children: XmlElement[];
}

const TOKEN = /<\?[^]*?\?>|<!--[^]*?-->|<!\[CDATA\[([^]*?)\]\]>|<\/([^\s>]+)\s*>|<([^\s/>!?]+)([^>]*?)(\/?)>|([^<]+)/gy;

/**
 * Reads a document into its root element; names lose their prefix.
 * @returns undefined where the text is no well-formed document of this kind
 */
export function readXml(source: string): XmlElement | undefined {
  const top: OpenElement = { name: '', text: '', children: [] };
  const stack: OpenElement[] = [top];
  const text = source.replace(/^\uFEFF/, '');
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const token = TOKEN.exec(text);
    const current = stack.at(-1);
    if (token === null || current === undefined) return undefined;
    const [, cdata, closing, opening, , selfClosed, characters] = token;
    if (characters !== undefined) current.text += decodeEntities(characters);
    else if (cdata !== undefined) current.text += cdata;
    else if (opening !== undefined) open(stack, current, { name: localName(opening), closed: selfClosed === '/' });
    else if (closing !== undefined && (stack.pop()?.name !== localName(closing) || stack.length === 0))
      return undefined;
  }
  return stack.length === 1 && top.children.length === 1 ? top.children[0] : undefined;
}

function open(stack: OpenElement[], parent: OpenElement, element: { name: string; closed: boolean }): void {
  const child: OpenElement = { name: element.name, text: '', children: [] };
  parent.children.push(child);
  if (!element.closed) stack.push(child);
}

export function childText(element: XmlElement, name: string): string | undefined {
  return element.children.find((child) => child.name === name)?.text;
}

export function childrenNamed(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((child) => child.name === name);
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function decodeEntities(text: string): string {
  return text.replace(/&(#x[0-9a-f]+|#\d+|\w+);/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return NAMED_ENTITIES[name] ?? whole;
    const code = Number(name.replace('#', '').replace(/^x/i, '0x'));
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

const NAMED_ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
