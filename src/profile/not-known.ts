import { z } from 'zod';

import { Profile, type ProfileField } from '../contract/profile.ts';

/** Somebody read a field that no profile source could tell now. Whoever was asking has no answer, and says so. */
export class NotKnown extends Error {
  override readonly name = 'NotKnown';
  readonly field: ProfileField;

  constructor(field: ProfileField) {
    super(`${field} is not known now`);
    this.field = field;
  }
}

/**
 * The profile with these fields locked: reading one throws `NotKnown`, also when the profile is copied, compared or
 * stored. So no rule, block or template can take what isn't known for zero, and none needs to be told to look first.
 * @throws RangeError where a field is neither given nor locked
 */
export function lockFields(known: Partial<Profile>, fields: Iterable<ProfileField>): Profile {
  const profile = { ...known };
  for (const field of fields) {
    Object.defineProperty(profile, field, {
      enumerable: true,
      get: () => {
        throw new NotKnown(field);
      },
    });
  }
  if (!isWhole(profile)) throw new RangeError('a field of the profile is neither known nor locked');
  return profile;
}

const needed = Object.entries(Profile.shape).flatMap(([name, schema]) =>
  schema instanceof z.ZodOptional ? [] : [name],
);
const isWhole = (profile: Partial<Profile>): profile is Profile =>
  needed.every((name) => name in profile);

/** Answers, or what `otherwise` says where the answer needs a field that isn't known. Any other failure stays one. */
export function unlessNotKnown<Answer>(
  answer: () => Answer,
  otherwise: (field: ProfileField) => Answer,
): Answer {
  try {
    return answer();
  } catch (error) {
    if (error instanceof NotKnown) return otherwise(error.field);
    throw error;
  }
}
