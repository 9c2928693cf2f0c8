/*
 * Logarithm, exponential and sine made of the four operations and square
 * roots only, which IEEE 754 defines to the last bit: so that what the
 * simulator draws is the same on every machine, whatever its C library does.
 * Good to about 1e-13.
 */
#ifndef SIM_ARITH_H
#define SIM_ARITH_H

/* The natural logarithm of x > 0. */
double arith_log(double x);

/* e to the power of x, |x| <= 700. */
double arith_exp(double x);

/* The sine of so many whole turns: 0.25 gives 1; |turns| < 2^50. */
double arith_sin_turns(double turns);

#endif
