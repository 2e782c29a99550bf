/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Intrusive doubly linked list. The list is a ring through its head; an element embeds a cv_list
 * and belongs to at most one list by that member. Nothing is allocated and nothing is owned.
 */
#ifndef CV_BASE_LIST_H
#define CV_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct cv_list {
    struct cv_list *prev;
    struct cv_list *next;
};

/* The struct of which `ptr` is the member `member`. */
#define CV_CONTAINER_OF(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#define CV_LIST_EACH(it, head) for (struct cv_list *it = (head)->next; it != (head); it = it->next)
/* `it` may be removed (and its element freed) inside the loop; others may not. */
#define CV_LIST_EACH_SAFE(it, head)                                                                \
    for (struct cv_list *it = (head)->next, *it##_next = it->next; it != (head);                   \
         it = it##_next, it##_next = it->next)

static inline void cv_list_init(struct cv_list *head) {
    head->prev = head;
    head->next = head;
}

static inline bool cv_list_empty(const struct cv_list *head) {
    return head->next == head;
}

static inline void cv_list_append(struct cv_list *head, struct cv_list *item) {
    item->prev = head->prev;
    item->next = head;
    head->prev->next = item;
    head->prev = item;
}

static inline void cv_list_prepend(struct cv_list *head, struct cv_list *item) {
    cv_list_append(head->next, item);
}

/* Takes the element out and leaves it a list of itself, so that removing twice is harmless. */
static inline void cv_list_remove(struct cv_list *item) {
    item->prev->next = item->next;
    item->next->prev = item->prev;
    cv_list_init(item);
}

#endif
