from walker import walker_creator


def make_square(wc, x0, y0, x1, y1):
    j0 = wc.add_joint(x0, y0)
    j1 = wc.add_joint(x0, y1)
    j2 = wc.add_joint(x1, y1)
    j3 = wc.add_joint(x1, y0)
    return j0, j1, j2, j3


def make_walker():
    wc = walker_creator()
    sides = make_square(wc, 0, 0, 10, 10)
    center = wc.add_joint(5, 5)
    for k in range(3):
        wc.add_muscle(sides[k], sides[k + 1])
        wc.add_muscle(sides[3], sides[0])
    for k, side in enumerate(sides):
        wc.add_muscle(side, center, 5.0 * k / 10.0, k / 4)
    return wc.get_walker()
