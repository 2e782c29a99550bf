/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may do what: one table of action x meeting state x role, and one of action x the role of the
 * person acted on. Everything a client can do is looked up here, over the wire and over REST alike.
 * That the person is present (and not waiting in the lobby) is the meeting's own check.
 */
#ifndef CV_POLICY_MAY_H
#define CV_POLICY_MAY_H

#include "policy/terms.h"

bool cv_policy_may(enum cv_role role, enum cv_action action, enum cv_meeting_state state);

/*
 * Whether `action` (mute, remove, role, admit, deny, signal, tell), allowed as such, may be aimed
 * at somebody of role `target`. Nobody acts on a host.
 */
bool cv_policy_may_target(enum cv_action action, enum cv_role target);

#endif
