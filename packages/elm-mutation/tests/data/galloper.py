from walker import walker_creator


def make_walker(dx=0.0, dy=0.0):
    wc = walker_creator()
    joints = [wc.add_joint(x, y) for x, y in [(0, 0), (10, 0), (5, 8)]]
    tail = wc.add_joint(-8 + dx, 4 + dy)
    # the body
    for a in joints:
        wc.add_muscle(a, tail, 0.3, 0.5)
    wc.add_muscle(joints[0], joints[1])
    wc.add_muscle(
        joints[1],
        joints[2],
        0.8,
        0.25,
    )
    return wc.get_walker()
