import { LEAST_LIFE } from '../delivery/send-later.ts'

/** No message is waited for longer, in milliseconds: a process that is told to end has not much more for all that is under way. */
const LONGEST_BUDGET = 10_000

/** By how much longer others leave it alone. */
const MARGIN = 5000

/** The part of a short life in which a code is of use to a person who has not got it yet. */
const USEFUL_PART = 2 / 3

/** How long a message may take, whatever callers are given, in milliseconds. */
export const sendBudget = (budgetMs: number): number => Math.min(budgetMs, LONGEST_BUDGET)

/** In how many milliseconds another process sends it, if this one has not by then. */
export const sendWithin = (budgetMs: number): number => sendBudget(budgetMs) + MARGIN

/** With less life than that left, in milliseconds, a code is not sent any more. */
export const leastLife = (lifetime: number): number => Math.min(LEAST_LIFE, Math.floor(lifetime * (1 - USEFUL_PART)))
