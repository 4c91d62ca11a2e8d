/** A frame as a picture: for README and reports. One `<text>` a line, one `<tspan>` a span, a fixed-width grid. */
import { xmlText } from '../base/xml-text.js';
import { lineWidth, type Line, type Style } from './text.js';

const COLUMN = 8.4;
const ROW = 18;
const MARGIN = 14;

const FILL: Record<Style, string> = {
  plain: '#d4d4d4',
  dim: '#8a8f98',
  strong: '#ffffff',
  good: '#5fd787',
  wait: '#ffd75f',
  bad: '#ff6b6b',
  mark: '#5fd7ff',
  key: '#c792ea',
  selected: '#ffffff',
};

/** The frame's lines, as wide as the widest, on a dark ground. */
export function renderSvg(lines: readonly Line[], title: string): string {
  const columns = Math.max(...lines.map(lineWidth), 1);
  const width = Math.ceil(columns * COLUMN + 2 * MARGIN);
  const height = lines.length * ROW + 2 * MARGIN;
  const body: string[] = [];
  lines.forEach((line, row) => {
    const y = MARGIN + row * ROW + 13;
    let column = 0;
    const spans: string[] = [];
    for (const { text, style } of line) {
      const x = (MARGIN + column * COLUMN).toFixed(1);
      const size = [...text].length;
      if (style === 'selected')
        body.push(
          `<rect x="${x}" y="${y - 13}" width="${(size * COLUMN).toFixed(1)}" height="${ROW}" fill="#264f78"/>`,
        );
      // textLength keeps the grid whatever font the reader's machine has.
      if (text.trim() !== '') {
        const weight = style === 'strong' || style === 'selected' ? ' font-weight="bold"' : '';
        spans.push(
          `<tspan x="${x}" textLength="${(size * COLUMN).toFixed(1)}" lengthAdjust="spacingAndGlyphs" ` +
            `fill="${FILL[style]}"${weight}>${xmlText(text)}</tspan>`,
        );
      }
      column += size;
    }
    if (spans.length > 0) body.push(`<text y="${y}" xml:space="preserve">${spans.join('')}</text>`);
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
      `role="img" aria-label="${xmlText(title)}">`,
    `<rect width="100%" height="100%" rx="8" fill="#1b1e24"/>`,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14">`,
    ...body,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}
