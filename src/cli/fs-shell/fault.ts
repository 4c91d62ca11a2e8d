/** The ways in which a command of FsShell goes wrong, in the words and with the ends that Hadoop's has. */

/** Told, and the next word of the line has its turn; exit code 1. */
export class CommandFault extends Error {}

/** One path cannot be what it should be. Mirrors PathIOException. */
export class PathFault extends CommandFault {
  constructor(path: string, problem: string, details: { readonly target?: string; readonly whole?: string } = {}) {
    const { target, whole } = details;
    super(
      `\`${path}'${target === undefined ? '' : ` to \`${target}'`}: ${problem}` +
        `${whole === undefined || whole === path ? '' : `: \`${whole}'`}`,
    );
  }
}

/** The command line makes no sense: nothing is done, the usage is shown, exit code 255. */
export class LineFault extends Error {}

export const MISSING = 'No such file or directory';
export const EXISTS = 'File exists';
export const IS_DIRECTORY = 'Is a directory';
export const NOT_DIRECTORY = 'Is not a directory';
export const NOT_EMPTY = 'Directory is not empty';
export const IO_ERROR = 'Input/output error';
