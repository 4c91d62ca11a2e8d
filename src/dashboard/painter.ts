/**
 * The only file that knows blessed: puts a frame on the terminal and hands keys over. blessed is loaded when a terminal
 * is there, so lines and pictures never pay for it.
 */
import type { Line, Style } from './text.js';

export interface Painter {
  readonly width: number;
  readonly height: number;
  paint(lines: readonly Line[]): void;
  /** Names as blessed gives them: `up`, `down`, `k`, `S-r`, `escape`, ... */
  onKey(listener: (key: string) => void): void;
  onResize(listener: () => void): void;
  /** Gives the terminal back as it was. */
  close(): void;
}

const TAGS: Record<Style, readonly [string, string]> = {
  plain: ['', ''],
  dim: ['{grey-fg}', '{/grey-fg}'],
  strong: ['{bold}', '{/bold}'],
  good: ['{green-fg}', '{/green-fg}'],
  wait: ['{yellow-fg}', '{/yellow-fg}'],
  bad: ['{red-fg}{bold}', '{/bold}{/red-fg}'],
  mark: ['{cyan-fg}', '{/cyan-fg}'],
  key: ['{magenta-fg}{bold}', '{/bold}{/magenta-fg}'],
  selected: ['{inverse}', '{/inverse}'],
};

export function blessedText(line: Line): string {
  return line
    .map(({ text, style }) => {
      const [open, close] = TAGS[style];
      return `${open}${text.replace(/[{}]/g, (brace) => (brace === '{' ? '{open}' : '{close}'))}${close}`;
    })
    .join('');
}

export async function openPainter(title: string): Promise<Painter> {
  const { default: blessed } = await import('blessed');
  const screen = blessed.screen({ smartCSR: true, fullUnicode: true, title, autoPadding: false });
  const box = blessed.box({ parent: screen, top: 0, left: 0, width: '100%', height: '100%', tags: true, wrap: false });
  return {
    get width() {
      return screen.width as number;
    },
    get height() {
      return screen.height as number;
    },
    paint(lines) {
      box.setContent(lines.map(blessedText).join('\n'));
      screen.render();
    },
    onKey(listener) {
      screen.on('keypress', (_character: string | undefined, key: { full?: string; name?: string } | undefined) => {
        const name = key?.full ?? key?.name;
        if (name !== undefined) listener(name);
      });
    },
    onResize(listener) {
      screen.on('resize', listener);
    },
    close() {
      screen.destroy();
    },
  };
}
