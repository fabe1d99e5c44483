/*-------------------------------------------------------------------------
 *
 * sampler.h
 *		The worker's part in metrics over time: samples are taken.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_SAMPLER_H
#define QUEUE_SAMPLER_H

/* Take a sample of this database's queues, if the minute has changed */
extern void sampler_run(void);

/*
 * The launcher ends: keep what was not sampled over a restart.  To be called while
 * it exits.
 */
extern void sampler_save(void);

#endif							/* QUEUE_SAMPLER_H */
