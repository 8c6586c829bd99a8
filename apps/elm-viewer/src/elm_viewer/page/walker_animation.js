"use strict";
// A walker's recorded run as an animation: positions between two frames are interpolated, the camera glides along.
{
  const GLIDE = 3; // share of the camera's way covered in a second is 1 - exp(-GLIDE)
  const MARK = 10; // world units between the marks on the ground

  /** Positions of all joints in each frame, world units: the replay holds differences in whole numbers of `unit`. */
  function positions(replay) {
    const frames = [];
    let now = new Array(replay.frames[0].length).fill(0);
    for (const differences of replay.frames) {
      now = now.map((value, i) => value + differences[i]);
      frames.push(now.map((value) => value * replay.unit));
    }
    return frames;
  }

  function between(frames, time, seconds) {
    const at = Math.min(Math.max(time / seconds, 0), frames.length - 1);
    const [before, share] = [Math.floor(at), at - Math.floor(at)];
    const after = Math.min(before + 1, frames.length - 1);
    return frames[before].map((value, i) => value + share * (frames[after][i] - value));
  }

  function mean(joints, offset) {
    let sum = 0;
    for (let i = offset; i < joints.length; i += 2) sum += joints[i];
    return sum / (joints.length / 2);
  }

  /** The animation of a replay (see elm_envs_sodarace.replay). */
  page.walkerAnimation = (replay) => {
    const frames = positions(replay);
    const total = (frames.length - 1) * replay.seconds;
    const lengths = replay.links.map(([a, b]) => Math.hypot(frames[0][2 * a] - frames[0][2 * b], frames[0][2 * a + 1] - frames[0][2 * b + 1]));
    const [start, heights] = [mean(frames[0], 0), frames[0].filter((_, i) => i % 2)];
    const extent = Math.max(d3.max(heights) - d3.min(heights), d3.max(frames[0].filter((_, i) => i % 2 === 0)) - d3.min(frames[0].filter((_, i) => i % 2 === 0)));
    const canvas = page.el("canvas", { class: "stage", role: "img", "aria-label": `Animation of the walker, which travels ${page.number(replay.travel)} units` });
    const frame = page.el("div", { class: "stage-frame" }, canvas);
    const clock = page.el("output", { class: "clock" });
    const slider = page.el("input", { type: "range", min: 0, max: total, step: "any", value: 0, "aria-label": "Time in the run, seconds", input: () => jump(Number(slider.value)) });
    const button = page.el("button", { type: "button", class: "quiet", click: () => (running ? pause() : play()) });
    let time = 0;
    let camera = start;
    let cameraUp = mean(frames[0], 1);
    let running = false;
    let before = 0;

    function paint() {
      const width = frame.clientWidth;
      if (width === 0) return;
      const height = Math.round(Math.min(width * 0.55, 340));
      const context = page.sharp(canvas, width, height);
      const scale = Math.min(height / (1.35 * extent + 12), width / (2.4 * extent));
      const joints = between(frames, time, replay.seconds);
      const x = (value) => width / 2 + (value - camera) * scale;
      const y = (value) => height * 0.56 - (value - cameraUp) * scale;
      context.fillStyle = page.colour("sky");
      context.fillRect(0, 0, width, height);
      context.fillStyle = page.colour("ground");
      for (const [corners, edge] of [[replay.floor, height + 4], [replay.ceiling, -4]]) {
        if (corners.length < 2) continue;
        const clamp = (value) => Math.min(Math.max(value, -1e5), 1e5);
        context.beginPath();
        context.moveTo(clamp(x(corners[0][0])), edge);
        for (const [cx, cy] of corners) context.lineTo(clamp(x(cx)), clamp(y(cy)));
        context.lineTo(clamp(x(corners.at(-1)[0])), edge);
        context.fill();
      }
      context.fillStyle = page.colour("text");
      context.font = "11px system-ui, sans-serif";
      context.textAlign = "center";
      const first = Math.ceil((camera - (width / 2 - 14) / scale - start) / MARK);
      const every = Math.max(1, Math.ceil(44 / (MARK * scale)));
      for (let mark = first; x(start + mark * MARK) < width - 14; mark += 1) {
        if (mark % every) continue;
        context.fillRect(x(start + mark * MARK), height - 20, 1, 5);
        context.fillText(String(mark * MARK), x(start + mark * MARK), height - 4);
      }
      context.lineCap = "round";
      replay.links.forEach(([a, b, driven], i) => {
        const length = Math.hypot(joints[2 * a] - joints[2 * b], joints[2 * a + 1] - joints[2 * b + 1]);
        const strain = lengths[i] > 0 ? length / lengths[i] - 1 : 0;
        context.strokeStyle = driven ? d3.interpolateRdYlBu(0.5 + Math.max(-0.42, Math.min(0.42, 1.6 * strain))) : page.colour("bone");
        context.lineWidth = Math.max(1.5, (driven ? 1.1 : 0.8) * Math.min(scale, 4));
        context.beginPath();
        context.moveTo(x(joints[2 * a]), y(joints[2 * a + 1]));
        context.lineTo(x(joints[2 * b]), y(joints[2 * b + 1]));
        context.stroke();
      });
      context.fillStyle = page.colour("joint");
      for (let i = 0; i < joints.length; i += 2) {
        context.beginPath();
        context.arc(x(joints[i]), y(joints[i + 1]), Math.max(2, replay.radius * scale), 0, 7);
        context.fill();
      }
      clock.textContent = `${time.toFixed(1)} s, ${(mean(joints, 0) - start).toFixed(1).replace("-", "−")} units`;
      slider.value = time;
    }

    function follow(elapsed) {
      const joints = between(frames, time, replay.seconds);
      const share = 1 - Math.exp(-GLIDE * elapsed);
      camera += share * (mean(joints, 0) - camera);
      cameraUp += share * (mean(joints, 1) - cameraUp);
    }
    function jump(to) {
      time = to;
      follow(1e3);
      paint();
    }
    function tick(now) {
      if (!running || !canvas.isConnected) return;
      const elapsed = Math.min(0.1, (now - before) / 1000);
      before = now;
      time += elapsed;
      if (time > total + 0.8) jump(0); // stand a moment at the end, then again
      follow(elapsed);
      paint();
      requestAnimationFrame(tick);
    }
    function play() {
      if (time >= total) jump(0);
      running = true;
      button.textContent = "❚❚ Pause";
      before = performance.now();
      requestAnimationFrame(tick);
    }
    function pause() {
      running = false;
      button.textContent = "▶ Play";
    }
    new ResizeObserver(paint).observe(frame);
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) pause();
    else play();
    return page.el("div", { class: "animation" }, frame, page.el("div", { class: "steps" }, button, slider, clock));
  };
}
