/**
 * Styled text: what a frame is made of. A painter (blessed), the SVG and the plain lines each turn it into their own
 * form, so that a screen is tested as text.
 */

/** A closed set of meanings; painters choose the colours. */
export const STYLES = ['plain', 'dim', 'strong', 'good', 'wait', 'bad', 'mark', 'key', 'selected'] as const;
export type Style = (typeof STYLES)[number];

export interface Span {
  readonly text: string;
  readonly style: Style;
}

export type Line = readonly Span[];

export function span(text: string, style: Style = 'plain'): Span {
  return { text, style };
}

/** The characters without their styles. */
export function plainText(line: Line): string {
  return line.map(({ text }) => text).join('');
}

export function lineWidth(line: Line): number {
  return line.reduce((sum, { text }) => sum + [...text].length, 0);
}

/** Exactly `width` columns: cut with an ellipsis, or filled with blanks. */
export function fit(line: Line, width: number): Line {
  const out: Span[] = [];
  let left = width;
  for (const { text, style } of line) {
    const characters = [...text];
    if (characters.length > left) {
      if (left > 0) out.push(span(characters.slice(0, left - 1).join('') + '…', style));
      return out;
    }
    if (characters.length > 0) out.push(span(text, style));
    left -= characters.length;
  }
  if (left > 0) out.push(span(' '.repeat(left)));
  return out;
}

/** One cell of a table, cut or filled to its width; numbers align right. */
export function cell(text: string, width: number, style: Style = 'plain', align: 'left' | 'right' = 'left'): Span {
  const characters = [...text];
  if (characters.length > width) return span(width > 0 ? characters.slice(0, width - 1).join('') + '…' : '', style);
  const blanks = ' '.repeat(width - characters.length);
  return span(align === 'left' ? text + blanks : blanks + text, style);
}
