import { XMLBuilder, XMLParser, XMLValidator } from 'fast-xml-parser';

/** The XML that S3 and STS speak: elements with text, no attributes but the namespace, no mixed content. */

type XmlContent = string | number | boolean | undefined | XmlTree | readonly XmlContent[];
export interface XmlTree {
  readonly [element: string]: XmlContent;
}

const BUILDER = new XMLBuilder({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  // The library's own escaping leaves control characters, which S3 keys may hold.
  processEntities: false,
  tagValueProcessor: (_name, value) => escapeXml(String(value)),
});

const PARSER = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  removeNSPrefix: true,
  // A key is text, however much it looks like a number, and blanks at its ends belong to it.
  parseTagValue: false,
  trimValues: false,
  // Numeric character references: `&#xD;`.
  htmlEntities: true,
});

/** Writes a document. A list writes its element once for each entry; undefined writes none. */
export function writeXml(root: string, content: XmlTree, namespace?: string): string {
  const attribute = namespace === undefined ? {} : { '@xmlns': namespace };
  const declaration = { '@version': '1.0', '@encoding': 'UTF-8' };
  return BUILDER.build({ '?xml': declaration, [root]: { ...attribute, ...content } });
}

/** Control characters become references: AWS writes them so too, and its clients read them. */
function escapeXml(text: string): string {
  return text.replace(/[&<>"\p{Cc}]/gu, (character) => {
    const named = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }[character];
    return named ?? `&#x${(character.codePointAt(0) ?? 0).toString(16)};`;
  });
}

/** The content of one element: its text, or its children by name. */
export type XmlElement = string | { readonly [child: string]: XmlElement | readonly XmlElement[] };

/**
 * Reads a document with this root element; names lose their prefix.
 * @returns the root's content; undefined where the text is not well-formed, or has another root
 */
export function readXml(source: string, root: string): XmlElement | undefined {
  if (XMLValidator.validate(source) !== true) return undefined;
  const document = parse(source);
  return document !== undefined && Object.keys(document).length === 1 ? document[root] : undefined;
}

/** The parser refuses what the validator lets pass: names such as `__proto__`, entities without end. */
function parse(source: string): Readonly<Record<string, XmlElement>> | undefined {
  try {
    return PARSER.parse(source) as Readonly<Record<string, XmlElement>>;
  } catch {
    return undefined;
  }
}

export function childText(element: XmlElement, name: string): string | undefined {
  const [first] = childrenNamed(element, name);
  return typeof first === 'string' ? first : undefined;
}

export function childrenNamed(element: XmlElement, name: string): readonly XmlElement[] {
  if (typeof element === 'string' || !Object.hasOwn(element, name)) return [];
  const found = element[name] ?? [];
  return isList(found) ? found : [found];
}

function isList(content: XmlElement | readonly XmlElement[]): content is readonly XmlElement[] {
  return Array.isArray(content);
}
