/*
 * timer_sort.h - puts the deadlines of one instant into the order of their keys.
 *
 * Contract
 *   Sorts `count` places of a ring, from the line's first on, by key group and key bytes. They are of one operator
 *   and one instant, and of entries that are there. Entries are not told of their new places.
 *   No memory; O(n log n) whatever the keys; one pass if all are in order.
 */
#ifndef RT_TIMER_SORT_H
#define RT_TIMER_SORT_H

#include "runtime/timer.h"

/* 0: nothing has moved. */
int rt_timer_sort(const rt_keyed *keyed, rt_timer_line *line, uint32_t count);

#endif
