/**
 * A Hadoop resource file (`*-site.xml`) as an ordered list of properties: both spellings of a property, `<final>`,
 * `<source>`, comments, CDATA, xi:include with fallback. What a later file does to an earlier one is load.ts's
 * business. Mirrors the parser of org.apache.hadoop.conf.Configuration.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { LabError } from '../../base/errors.js';

export interface Property {
  readonly name: string;
  /** Undefined where the file gives none: such a property changes nothing but may be final. */
  readonly value: string | undefined;
  readonly final: boolean;
  /** The file it stands in (an included one, where it is included). */
  readonly file: string;
}

/** One node as the parser gives it: one element name, its children, and its attributes beside them. */
type Node = Record<string, unknown>;

const TEXT = '#text';
const ATTRIBUTES = ':@';
/** Includes that include each other would never end. */
const MAX_INCLUDE_DEPTH = 16;

/**
 * Properties in the order of the file. Throws LabError `CONFIG_MISSING` if there is no such file, `BAD_CONFIG` naming
 * file and line if it is no well-formed XML, has another root element than `configuration`, or includes what cannot be
 * read.
 */
export function readPropertyFile(file: string, depth = 0): Property[] {
  if (depth > MAX_INCLUDE_DEPTH) {
    throw new LabError('BAD_CONFIG', `${file}: includes nest deeper than ${MAX_INCLUDE_DEPTH}`, {
      remedy: 'remove the xi:include that leads back to its own file',
    });
  }
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new LabError('CONFIG_MISSING', `${file}: cannot be read: ${(error as Error).message}`, {
      remedy: 'give a directory that holds this file with --config, or set HADOOP_CONF_DIR',
    });
  }
  return parseProperties(text, file, depth);
}

/** As readPropertyFile, from text; `file` serves for messages and as the base of relative includes. */
export function parseProperties(text: string, file: string, depth = 0): Property[] {
  const bare = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  if (bare.trim() === '') {
    throw new LabError('BAD_CONFIG', `${file}: line 1: the file is empty`, {
      remedy: 'write at least <configuration></configuration>',
    });
  }
  const verdict = XMLValidator.validate(bare, { allowBooleanAttributes: false });
  if (verdict !== true) {
    throw new LabError('BAD_CONFIG', `${file}: line ${verdict.err.line}: ${verdict.err.msg}`, {
      remedy: 'mend the XML at this line',
      data: { file, line: verdict.err.line },
    });
  }
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    trimValues: false,
    parseTagValue: false,
    parseAttributeValue: false,
    ignoreDeclaration: true,
    ignorePiTags: true,
    removeNSPrefix: true,
    htmlEntities: true,
  });
  const nodes = parser.parse(bare) as Node[];
  const roots = nodes.filter((node) => elementName(node) !== undefined);
  const root = roots[0];
  if (root === undefined || elementName(root) !== 'configuration') {
    throw new LabError(
      'BAD_CONFIG',
      `${file}: the top-level element is <${root === undefined ? '' : elementName(root)!}>, not <configuration>`,
      { remedy: 'a Hadoop configuration file holds <property> elements within one <configuration>' },
    );
  }
  const out: Property[] = [];
  collect(childrenOf(root), file, depth, out);
  return out;
}

function elementName(node: Node): string | undefined {
  return Object.keys(node).find((key) => key !== ATTRIBUTES && key !== TEXT);
}

function childrenOf(node: Node): Node[] {
  const name = elementName(node);
  return name === undefined ? [] : (node[name] as Node[]);
}

function attributesOf(node: Node): Record<string, string> {
  return (node[ATTRIBUTES] as Record<string, string> | undefined) ?? {};
}

function textOf(node: Node): string {
  return childrenOf(node)
    .map((child) => (child[TEXT] as string | undefined) ?? '')
    .join('');
}

function collect(nodes: readonly Node[], file: string, depth: number, out: Property[]): void {
  for (const node of nodes) {
    const name = elementName(node);
    if (name === 'property') {
      const property = propertyOf(node, file);
      if (property !== undefined) out.push(property);
    } else if (name === 'include') {
      include(node, file, depth, out);
    } else if (name === 'configuration') {
      collect(childrenOf(node), file, depth, out);
    }
  }
}

function propertyOf(node: Node, file: string): Property | undefined {
  const attributes = attributesOf(node);
  let name = attributes['name'];
  let value = attributes['value'];
  let final = attributes['final'] === 'true';
  for (const child of childrenOf(node)) {
    const text = textOf(child);
    switch (elementName(child)) {
      case 'name':
        if (text.length > 0) name = text.trim();
        break;
      // An empty element sets nothing, as in Hadoop.
      case 'value':
        if (text.length > 0) value = text;
        break;
      case 'final':
        final = text.trim() === 'true';
        break;
      default:
        break; // <source>, <description> and <tag> say nothing about the value
    }
  }
  if (name === undefined || name === '') return undefined;
  return { name, value, final, file };
}

function include(node: Node, file: string, depth: number, out: Property[]): void {
  const href = attributesOf(node)['href'];
  if (href === undefined) return;
  const local = href.startsWith('file:') ? decodeURIComponent(href.replace(/^file:(\/\/)?/, '')) : href;
  const path = isAbsolute(local) ? local : join(dirname(file), local);
  if (existsSync(path)) {
    out.push(...readPropertyFile(path, depth + 1));
    return;
  }
  const fallback = childrenOf(node).find((child) => elementName(child) === 'fallback');
  if (fallback === undefined) {
    throw new LabError('BAD_CONFIG', `${file}: includes ${path}, which does not exist, and gives no <xi:fallback>`, {
      remedy: 'create the included file, or add an <xi:fallback/> to the xi:include',
    });
  }
  collect(childrenOf(fallback), file, depth, out);
}
