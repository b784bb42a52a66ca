/** Who changes something, and why: a user's name, or what a token's bearer calls himself. */
export interface Author {
  readonly author: string;
  readonly reason: string;
}
