import { createHash } from 'node:crypto';
import type { Scope } from '../../base/scope.ts';
import { append } from '../events/index.ts';
import type { EventKind, NewEvent } from '../events/index.ts';
import { invalidField, refuse } from '../refusals/index.ts';
import { readLogo } from './image.ts';
import type { Brand, BrandWorld, ShownBrand } from './model.ts';
import { colorProblem } from './rules.ts';
import { deleteBrand, deleteLogo, findBrand, findShown, putBrand, putLogo, setLogoHash } from './sql.ts';

export type BrandState = { readonly own: Brand | null; readonly shown: ShownBrand };

/** Of the scope's subaccount; for the account that is its own one, whose brand counts for all of its subaccounts. */
export async function read({ db }: BrandWorld, scope: Scope): Promise<BrandState> {
  const own = await db.scoped(scope, (tx) => findBrand(tx, scope.subaccountId));
  return { own, shown: await findShown(db.engine, scope) };
}

/** What is shown to whoever asks, whatever else they may read. */
export function shown({ db }: BrandWorld, scope: Scope): Promise<ShownBrand> {
  return findShown(db.engine, scope);
}

/** Says name, colour and address; the logo stays as it is. */
export async function put(
  world: BrandWorld,
  scope: Scope,
  brand: Omit<Brand, 'logoHash'>,
): Promise<BrandState> {
  const color = brand.color?.toLowerCase() ?? null;
  const problem = color === null ? null : colorProblem(color);
  if (problem !== null) throw invalidField('color', 'contrast', problem);
  const now = new Date(world.clock.now());
  await world.db.scoped(scope, async (tx) => {
    await putBrand(tx, scope, { ...brand, color }, now);
    await append(tx, now, [eventOf(scope, 'brand.changed')]);
  });
  return read(world, scope);
}

/** With its logo; its hosts stay and show the account's brand, or the installation's. */
export async function remove({ db, clock }: BrandWorld, scope: Scope): Promise<void> {
  const now = new Date(clock.now());
  await db.scoped(scope, async (tx) => {
    if (!(await deleteBrand(tx, scope.subaccountId))) throw refuse('not_found');
    await append(tx, now, [eventOf(scope, 'brand.deleted')]);
  });
}

export async function setLogo(world: BrandWorld, scope: Scope, bytes: Buffer): Promise<BrandState> {
  const found = readLogo(bytes);
  if ('problem' in found) throw invalidField('image', 'picture', found.problem);
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 40);
  const now = new Date(world.clock.now());
  await world.db.scoped(scope, async (tx) => {
    if (!(await setLogoHash(tx, scope.subaccountId, hash, now)))
      throw refuse('conflict.state', { message: 'There is no brand yet: give it a name first' });
    await putLogo(tx, scope, { type: found.type, bytes });
    await append(tx, now, [eventOf(scope, 'brand.changed')]);
  });
  return read(world, scope);
}

export async function removeLogo({ db, clock }: BrandWorld, scope: Scope): Promise<void> {
  const now = new Date(clock.now());
  await db.scoped(scope, async (tx) => {
    if (!(await setLogoHash(tx, scope.subaccountId, null, now))) throw refuse('not_found');
    await deleteLogo(tx, scope.subaccountId);
    await append(tx, now, [eventOf(scope, 'brand.changed')]);
  });
}

function eventOf({ accountId, subaccountId }: Scope, kind: EventKind): NewEvent {
  return { accountId, subaccountId, kind, data: {} };
}
