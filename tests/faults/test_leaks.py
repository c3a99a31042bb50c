"""After cancellations and faults nothing is left open, running or growing."""

from __future__ import annotations

from leaks import cancelled, soaked


async def test_cancelled_calls_leave_no_socket_task_or_descriptor() -> None:
    remains = await cancelled(200, seed=1)
    assert remains.ends["CancelledError"] > 20
    assert remains.untyped == []
    assert (remains.tasks, remains.descriptors) == (0, 0)


async def test_mixed_operations_with_faults_leave_nothing() -> None:
    remains = await soaked(2000, seed=1)
    assert remains.calls - remains.ends["a result"] > 30
    assert remains.untyped == []
    assert (remains.tasks, remains.descriptors) == (0, 0)
