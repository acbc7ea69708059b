import type { Profile, ProfileField } from './profile.ts';

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
 */
export function lockFields(profile: Profile, fields: Iterable<ProfileField>): Profile {
  const locked = { ...profile };
  for (const field of fields) {
    Object.defineProperty(locked, field, {
      enumerable: true,
      get: () => {
        throw new NotKnown(field);
      },
    });
  }
  return locked;
}

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
