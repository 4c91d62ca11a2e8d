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
  /** Where its element begins, counted from 1. */
  readonly line: number;
}

/** One node as the parser gives it: one element name, its children, and its attributes beside them. */
type Node = Record<string, unknown>;

const TEXT = '#text';
const ATTRIBUTES = ':@';
/** Under this key the parser keeps where an element begins. */
const METADATA = XMLParser.getMetaDataSymbol() as symbol;
/** Includes that include each other would never end. */
const MAX_INCLUDE_DEPTH = 16;

/** What holds for one file while it is read. */
interface Reading {
  readonly file: string;
  /** Where relative includes are looked for first, as Hadoop finds them on its class path. */
  readonly confDir: string;
  readonly depth: number;
  readonly lineOf: (node: Node) => number;
}

/**
 * Properties in the order of the file. Throws LabError `CONFIG_MISSING` if there is no such file, `BAD_CONFIG` naming
 * file and line if it is no well-formed XML, has another root element than `configuration`, or includes what cannot be
 * read.
 */
export function readPropertyFile(file: string, confDir = dirname(file), depth = 0): Property[] {
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
  return parseProperties(text, file, confDir, depth);
}

function parseProperties(text: string, file: string, confDir: string, depth: number): Property[] {
  const bare = text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n');
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
    captureMetaData: true,
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
  collect(childrenOf(root), { file, confDir, depth, lineOf: lineCounter(bare) }, out);
  return out;
}

/** Elements are asked for in the order of the file, so that each line end is counted once. */
function lineCounter(text: string): (node: Node) => number {
  let at = 0;
  let line = 1;
  return (node) => {
    const start = (node[METADATA as never] as { startIndex?: number } | undefined)?.startIndex ?? at;
    for (; at < start; at++) if (text.charCodeAt(at) === 10) line += 1;
    return line;
  };
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

function collect(nodes: readonly Node[], reading: Reading, out: Property[]): void {
  for (const node of nodes) {
    const name = elementName(node);
    if (name === 'property') {
      const property = propertyOf(node, reading);
      if (property !== undefined) out.push(property);
    } else if (name === 'include') {
      include(node, reading, out);
    } else if (name === 'configuration') {
      collect(childrenOf(node), reading, out);
    }
  }
}

function propertyOf(node: Node, { file, lineOf }: Reading): Property | undefined {
  const line = lineOf(node);
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
  return { name, value, final, file, line };
}

function include(node: Node, reading: Reading, out: Property[]): void {
  const href = attributesOf(node)['href'];
  if (href === undefined) return;
  const { file, confDir, depth } = reading;
  const tried = placesOf(href, file, confDir);
  const found = tried.find((path) => existsSync(path));
  if (found !== undefined) {
    out.push(...readPropertyFile(found, confDir, depth + 1));
    return;
  }
  const fallback = childrenOf(node).find((child) => elementName(child) === 'fallback');
  if (fallback === undefined) {
    const where = `${file}: line ${reading.lineOf(node)}`;
    const what = tried[0] === undefined ? `${href}, and only files are included` : `${tried[0]}, which does not exist`;
    throw new LabError('BAD_CONFIG', `${where}: includes ${what}, and gives no <xi:fallback>`, {
      remedy: 'create the included file, or add an <xi:fallback/> to the xi:include',
      data: { file, line: reading.lineOf(node) },
    });
  }
  collect(childrenOf(fallback), reading, out);
}

/** Where an include may be: below the configuration directory, else beside the file that includes it. */
function placesOf(href: string, file: string, confDir: string): string[] {
  if (/^(?!file:)[a-z][a-z0-9+.-]+:/i.test(href)) return [];
  const path = href.startsWith('file:') ? decodeURIComponent(href.replace(/^file:(\/\/)?/, '')) : href;
  return isAbsolute(path) ? [path] : [join(confDir, path), join(dirname(file), path)];
}
