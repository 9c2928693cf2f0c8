/*
 * Logarithm, exponential and sine, made only of the four operations and square
 * roots, which IEEE 754 defines to the last bit.  So the simulator draws the
 * same numbers on every machine, whatever its C library does.  Accurate to
 * about 1e-13.
 */
#ifndef SIM_ARITH_H
#define SIM_ARITH_H

/* The natural logarithm of x > 0. */
double arith_log(double x);

/* e to the power of x, |x| <= 700. */
double arith_exp(double x);

/* The sine of a number of whole turns: 0.25 gives 1; |turns| < 2^50. */
double arith_sin_turns(double turns);

#endif
