import { difference, type Difference, type Sample } from './difference.ts';

/** What a group of a campaign's audience bought within the days after they were chosen. */
export type Arm = {
  readonly members: number;
  /** Share of them who bought something and kept it. */
  readonly buyers: number;
  readonly purchasesPerMember: number;
  /** Minor units. */
  readonly spendPerMember: number;
  /** Share of them who spent points or used a coupon. */
  readonly redeemers: number;
};

export type Measured = 'buyers' | 'purchases' | 'spend' | 'redeemers';

/** What the members of an arm did, each measure as a sample. */
export type Sums = { readonly members: number; readonly of: (what: Measured) => Sample };

export type ArmDifferences = {
  readonly buyers: Difference;
  readonly purchasesPerMember: Difference;
  readonly spendPerMember: Difference;
  readonly redeemers: Difference;
};

export const armFrom = ({ members, of }: Sums): Arm => ({
  members,
  buyers: of('buyers').mean,
  purchasesPerMember: of('purchases').mean,
  spendPerMember: of('spend').mean,
  redeemers: of('redeemers').mean,
});

/** What the first did more than the second. */
export const differencesOf = (first: Sums, second: Sums): ArmDifferences => ({
  buyers: difference(first.of('buyers'), second.of('buyers')),
  purchasesPerMember: difference(first.of('purchases'), second.of('purchases')),
  spendPerMember: difference(first.of('spend'), second.of('spend')),
  redeemers: difference(first.of('redeemers'), second.of('redeemers')),
});
