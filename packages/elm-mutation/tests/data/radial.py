import math

from walker import walker_creator


def make_circle(wc, cx, cy, radius, num_points):
    """Create a circle of joints."""
    joints = []
    for i in range(num_points):
        angle = 2 * math.pi * i / num_points
        joints.append(wc.add_joint(cx + radius * math.cos(angle), cy + radius * math.sin(angle)))
    return joints


def make_walker():
    wc = walker_creator()
    center = wc.add_joint(5, 5)
    points = make_circle(wc, 5, 5, 4, 8)
    for k in range(8):
        wc.add_muscle(points[k], points[(k + 1) % 8], 0.0, 0.0)
        wc.add_muscle(points[k], center, 0.8, k / 8)
    return wc.get_walker()
