/** SQL of the id of a campaign's message to a member: a version 8 UUID of both, so that making it again makes nothing. */
export const messageIdOf = (campaignId: string, memberId: string): string =>
  `overlay(overlay(md5(${campaignId}::text || ':' || ${memberId}) placing '8' from 13) placing '8' from 17)::uuid`;
