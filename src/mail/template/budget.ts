/**
 * One budget for every language: steps, output and depth, counted as a rendering goes on. Counted, not timed, so that a
 * slow machine renders what a fast one does.
 */
import type { Budget, CompiledTemplate, Data, Environment, TemplateFault } from './model.ts';

/** Carries a fault out of an interpreter; `compile` and `render` make it a value. `at` is an offset in the source. */
export class TemplateError extends Error {
  readonly kind: TemplateFault['kind'];
  readonly at: number | null;
  constructor(kind: TemplateFault['kind'], message: string, at: number | null = null) {
    super(message);
    this.kind = kind;
    this.at = at;
  }
}

/** One rendering under way. */
export type Run = {
  out: string;
  stepsLeft: number;
  depth: number;
  /** Offset in the source of what is being done, for faults. */
  at: number;
  readonly budget: Budget;
  readonly environment: Environment;
};

export function startRun(budget: Budget, environment: Environment): Run {
  return { out: '', stepsLeft: budget.stepsMax, depth: 0, at: 0, budget, environment };
}

export type Piece<R extends Run> = (run: R) => void;

export function emit(run: Run, text: string): void {
  run.out += text;
  if (run.out.length > run.budget.outputBytesMax) throw tooLong();
}

function tooLong(): TemplateError {
  return new TemplateError('budget', 'the output is too long');
}

export function spend(run: Run, steps: number): void {
  run.stepsLeft -= steps;
  if (run.stepsLeft < 0) throw new TemplateError('budget', 'the template takes too many steps');
}

/** A value that the template made costs by its length, so that doubling it ends. */
export function made(run: Run, text: string): string {
  spend(run, 1 + (text.length >> 4));
  return text;
}

/** Runs `inner` one level deeper. */
export function nested<R extends Run>(run: R, inner: Piece<R>): void {
  run.depth += 1;
  if (run.depth > run.budget.depthMax) throw new TemplateError('budget', 'the template is nested too deeply');
  inner(run);
  run.depth -= 1;
}

export function sequence<R extends Run>(pieces: readonly Piece<R>[]): Piece<R> {
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined) return only;
  return (run) => {
    for (const piece of pieces) piece(run);
  };
}

/** Runs the whole of a template; its output when it keeps to its bytes. A fault gets the place where it came up. */
export function whole<R extends Run>(run: R, body: Piece<R>): string {
  try {
    body(run);
    const { outputBytesMax } = run.budget;
    if (run.out.length * 3 > outputBytesMax && Buffer.byteLength(run.out) > outputBytesMax) throw tooLong();
    return run.out;
  } catch (error) {
    if (error instanceof TemplateError && error.at === null)
      throw new TemplateError(error.kind, error.message, run.at);
    throw error;
  }
}

/** Another template within this one, on what is left of the budget; `name` is for its faults. */
export function inside(run: Run, template: CompiledTemplate, data: Data, name: string): string {
  const { budget, environment } = run;
  const left = { ...budget, stepsMax: run.stepsLeft, depthMax: budget.depthMax - run.depth };
  try {
    const text = template.run(data, environment, left);
    // What it took is not told: its output stands for it.
    spend(run, 10 + text.length);
    return text;
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw new TemplateError(error.kind, `${name}: ${error.message}`, run.at);
  }
}

/** Where an offset stands in a source, from 1. */
export function locate(source: string, offset: number): { readonly line: number; readonly column: number } {
  const before = source.slice(0, Math.max(0, offset));
  const line = before.split('\n').length;
  return { line, column: before.length - before.lastIndexOf('\n') };
}
