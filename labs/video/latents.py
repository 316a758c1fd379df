"""Latent video: a causal 3-D autoencoder shrinks time and space before anything is made a token.

Yu et al. 2023, "Language Model Beats Diffusion: Tokenizer is Key to Visual Generation" (MAGVIT-v2), arXiv:2310.05737,
section 3.2; Yang et al. 2024, "CogVideoX", arXiv:2408.06072, section 2.1. Convolutions look only backwards in time, so
that the first frame can stand alone, as a picture:

    (1 + 4k) x H x W  ->  (1 + k) x H/8 x W/8 x 16,      patches of 2 x 2:  (1 + k) · H/16 · W/16 tokens

Shapes come from torch's meta device; which frame depends on which is asked of real gradients.

Axes: b clips, c channels, t frames, H and W pixels, n tokens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from labs.bench import Exercise, Facts, OneOf, Show, Whole, later
from labs.protocol import ParamError

if TYPE_CHECKING:
    from labs.video import causal
else:
    causal = later("labs.video.causal")

SIZES: Final = ("1280x720", "256x256", "512x512", "832x480", "960x544", "1344x768", "1920x1088")


class Latent(Exercise):
    """What the exercises of this file share."""

    sections = "5.4 6.1"
    source = "Yu et al. 2023, arXiv:2310.05737, section 3.2; Yang et al. 2024, arXiv:2408.06072, section 2.1"
    truth = "own model"
    measured_on = "a small causal 3-D encoder with the strides of the large ones, on torch's meta device"
    libraries = ("torch",)


# --- Frames -----------------------------------------------------------------------------------------------------------


class LatentFrames(Latent):
    """How many latent frames a clip has."""

    name, title, covers = "video.latent_frames", "Count latent frames", "6.1-12 5.3-09"
    frames = Whole(
        121,
        2,
        400,
        draw=(33, 40, 48, 49, 65, 72, 80, 81, 97, 100, 120, 121, 129, 144, 161, 200, 240),
        help="frames of the clip",
    )
    prompt = (
        "A causal video autoencoder halves time twice; the first frame stands alone. A clip has {frames} frames. How "
        "many frames does its latent have?"
    )
    unit = "latent frames"
    hints = (
        "The first frame makes one latent frame by itself.",
        "Every four frames after it make one more; round down.",
    )
    right = "1 + ⌊(frames − 1) / 4⌋"
    slips = {
        "⌊(frames − 1) / 4⌋": "forgot the first frame: The first frame makes a latent frame by itself.",
        "frames / 4 if apart": "divided by four: Latent frames are whole: the first stands alone, then groups of four.",
        "⌊frames / 4⌋ + 1 if apart": "one too many: The first frame belongs to the clip; what is left over makes none.",
        "⌈(frames − 1) / 4⌉ + 1 if apart": "rounded up: Frames that make no whole group of four make no latent frame.",
        "⌈frames / 2⌉": "halved once: Time is halved twice.",
        "⌊frames / 2⌋ if apart": "halved once: Time is halved twice.",
        "⌈frames / 8⌉": "took the factor of space: Space shrinks by 8, time by 4.",
        "frames": "compressed space only: The autoencoder shrinks time, too.",
    }

    def run(self, show: Show) -> int:
        """How many latent frames a clip has."""
        frames = self.frames
        show.progress(0.3, "encoding the clip")
        unseen = frames - int(causal.frames_seen(None, frames).sum())
        lengths = (frames - 1, frames, frames + 1, frames + 4)
        found = {length: causal.encode(length, 64, 64) for length in lengths}
        clip, latent, _ = found[frames]
        show.shapes("the first frame makes a latent frame by itself, every four after it one more", clip, latent)
        end = "the last ones make no whole group of four" if unseen else "clips of 4k + 1 frames waste none"
        show.line(f"By its gradients the latent depends on all but {unseen} of the frames: {end}")
        rows = [(length, one.shape[2]) for length, (_, one, _) in found.items()]
        show.table("Clips of about that length", "frames | latent frames", rows)
        return int(latent.shape[2])


class Causal(Latent):
    """The last frame a latent frame depends on."""

    name, title = "video.causal", "Say how far a causal encoder sees"
    sections, covers = "5.2 5.3", "5.3-10 6.1-12"
    measured_on = "the gradients of a small causal 3-D encoder"
    latent_frame = Whole(3, 0, 12, draw=range(7), help="which latent frame, from 0")
    frames = Whole(25, 5, 49, draw=(25, 29, 33, 37, 41), help="frames of the clip")
    prompt = (
        "A causal 3-D encoder halves time twice. A clip of {frames} frames goes in. Which is the last frame that can "
        "change latent frame {latent_frame}? Both count from 0."
    )
    hints = (
        "Causal: a convolution sees its own frame and earlier ones, never a later one.",
        "Latent frame 0 stands for frame 0; each step of one latent frame is a step of four frames.",
    )
    right = "4 × latent_frame"
    slips = {
        "4 × latent_frame + 3": "grouped from frame 0: That groups frames 0 to 3; but the first frame stands alone, so "
        "groups end at 4, 8, 12.",
        "4 × latent_frame + 1": "counted from one: Frames count from 0.",
        "4 × latent_frame + 4": "looked ahead: That is the end of the next latent frame; causal means no looking "
        "ahead.",
        "frames − 1 if apart": "saw the whole clip: A causal encoder sees no frame after its own.",
        "latent_frame if latent_frame ≠ 0": "did not compress: Each latent frame is a step of four frames.",
        "2 × latent_frame if latent_frame ≠ 0": "halved once: Time is halved twice.",
        "8 × latent_frame if latent_frame ≠ 0": "took the factor of space: Space shrinks by 8, time by 4.",
    }

    def fits(self) -> None:
        if self.latent_frame > (self.frames - 1) // 4:
            raise ParamError("latent_frame", "the clip has not that many latent frames")

    def run(self, show: Show) -> int:
        """The last frame that a latent frame depends on."""
        show.progress(0.2, "asking the gradients")
        latent_frames = (self.frames - 1) // 4 + 1
        asked = {*range(min(4, latent_frames)), self.latent_frame}
        seen = {latent: causal.frames_seen(latent, self.frames).nonzero() for latent in sorted(asked)}
        spans = {latent: (int(one.min()), int(one.max())) for latent, one in seen.items()}
        first, last = spans[self.latent_frame]
        show.line(f"Which frames change latent frame {self.latent_frame}? Those where its gradient is not zero")
        show.line(f"(1, 3, {self.frames}, 8, 8) -> (1, {causal.LATENT_CHANNELS}, {latent_frames}, 1, 1)")
        show.line(f"frames {first} to {last} do, none after {last}")
        show.line("The first frame stands alone, then four frames make one.")
        rows = [(latent, f"{start} to {end}") for latent, (start, end) in spans.items()]
        show.table("Which frames a latent frame depends on", "latent frame | frames", rows)
        return last


# --- Tokens and values ------------------------------------------------------------------------------------------------


class LatentClip(Latent):
    """A clip of some seconds."""

    seconds = Whole(5, 1, 20, draw=(2, 3, 4, 5, 6, 8, 10), help="length in seconds")
    fps = Whole(24, choices=(8, 12, 16, 24), draw=(8, 16, 24), help="frames a second")
    size = OneOf(*SIZES, help="width x height in px")

    def facts(self) -> Facts:
        width, height = map(int, self.size.split("x"))
        frames = self.seconds * self.fps + 1
        return {
            "width": width,
            "height": height,
            "frames": frames,
            "latent_frames": 1 + (frames - 1) // 4,
            "a_frame": (height // 16) * (width // 16),
            "described": f"A clip of {self.seconds} s at {self.fps} frames a second has {frames} frames (the first and "
            f"{frames - 1} more) of {width} × {height} pixels (width × height).",
        }


class LatentTokens(LatentClip):
    """How many tokens a latent clip makes."""

    name, title, covers = "video.latent_tokens", "Count the tokens of latent video", "5.4-02 6.1-12"
    prompt = (
        "{described} A causal autoencoder makes it 8 times smaller in height and width and 4 times in time, the first "
        "frame standing alone. A video transformer cuts each latent frame into patches of 2 × 2. How many tokens does "
        "it get?"
    )
    unit = "tokens"
    hints = ("How many latent frames are there? 1 + (frames − 1) / 4.", "One latent frame makes H/16 × W/16 tokens.")
    right = "(1 + (frames − 1) / 4) × height / 16 × width / 16"
    slips = {
        "latent_frames × a_frame × 4": "forgot the patches: Those are the latent places; 2 × 2 of them make one token.",
        "frames × a_frame": "did not compress time: The autoencoder shrinks time by 4, too.",
        "(latent_frames − 1) × a_frame": "forgot the first frame: The first frame makes a latent frame by itself.",
        "⌊(frames − 1) / 8⌋ × a_frame": "took the factor of space: Space shrinks by 8, time by 4.",
        "latent_frames × a_frame × 2": "halved once: Patches of 2 × 2 take four places, not two.",
        "latent_frames × a_frame / 2": "patches through time: A patch takes 2 × 2 places of one latent frame.",
        "a_frame": "one latent frame only: That is one latent frame; there are several.",
        "latent_frames × a_frame × 64 if apart": "gave latent values: Those are the values of the latent.",
        "latent_frames × a_frame × 16": "multiplied by channels: A token holds all channels of its places.",
        "latent_frames × ⌊height / 2⌋ × ⌊width / 2⌋": "did not compress space: Space shrinks by 8 first.",
    }

    def run(self, show: Show) -> int:
        """How many tokens a latent clip makes."""
        show.progress(0.3, "encoding the clip")
        clip, latent, tokens = causal.encode(self.frames, self.height, self.width)
        alone = causal.encode(1, self.height, self.width)[2].shape[1] * self.frames
        show.shapes(f"{clip.numel():,} values become {latent.numel():,}, the latent", clip, latent)
        show.shapes("patches of 2 × 2 latent places", latent, tokens)
        show.line(f"Without compression in time, frame by frame: {alone:,} tokens")
        rows = [
            ("pixel values", tuple(clip.shape), f"{clip.numel():,}"),
            ("latent values", tuple(latent.shape), f"{latent.numel():,}"),
            ("tokens", tuple(tokens.shape[:2]), f"{tokens.shape[1]:,}"),
            ("pairs in full attention", "", f"{tokens.shape[1] ** 2:,}"),
        ]
        show.table(f"{self.frames} frames of {self.width} × {self.height} px", "what | shape | how many", rows)
        return int(tokens.shape[1])


class Compression(LatentClip):
    """How many times fewer values the latent has."""

    name, title, covers = "video.compression", "Compare a clip with its latent", "6.1-12 6.1-10"
    seconds = Whole(5, 1, 20, draw=(4, 5, 6, 8, 10), help="length in seconds")
    fps = Whole(24, choices=(8, 12, 16, 24), draw=(16, 24), help="frames a second")
    prompt = (
        "{described} A causal autoencoder makes it 8 times smaller in height and width and 4 times in time, with 16 "
        "values at each place instead of 3 colours. How many times fewer values does the latent have than the clip?"
    )
    answer_type, unit, tolerance_percent = "number", "times", 5.0
    tolerance_reason = "the first frame, which stands alone, may be left out of the estimate"
    hints = ("How many times fewer places are there in time, height and width?", "Each place has 16 values, not 3.")
    right = "frames × 8 × 8 × 3 / (latent_frames × 16)"
    slips = {
        "frames × 64 / latent_frames": "forgot the channels: So many fewer places; but each has 16 values instead of "
        "3.",
        "256": "forgot the channels: So many fewer places; but each has 16 values instead of 3.",
        "right / 4": "forgot time: Time shrinks by 4 as well.",
        "right / 8": "one side only: Both height and width shrink by 8.",
        "frames × 64 / latent_frames × 16 / 3": "turned the channels over: More values a place make the latent larger.",
        "frames × 64 / latent_frames / 16": "forgot the colours: The clip has 3 values a pixel.",
        "1 / right": "turned it over: That is the latent's share of the clip.",
    }

    def run(self, show: Show) -> float:
        """How many times fewer values the latent has than the clip."""
        show.progress(0.3, "encoding the clip")
        clip, latent, _ = causal.encode(self.frames, self.height, self.width)
        show.shapes(f"{clip.numel():,} values become {latent.numel():,}", clip, latent)
        show.line(
            "4 × 8 × 8 = 256 times fewer places, each with 16 values instead of 3; the first frame, which stands "
            "alone, costs a little"
        )
        return clip.numel() / latent.numel()


class Second(LatentClip):
    """How many tokens one more second adds."""

    name, title = "video.second", "Price one more second"
    sections, covers = "5.3 5.4", "5.3-09 5.4-02 6.2-07"
    prompt = (
        "{described} It is made 8 times smaller in height and width and 4 times in time, and cut into patches of 2 × 2 "
        "latent places. How many tokens does one more second add?"
    )
    unit = "tokens"
    hints = ("How many latent frames are one second?", "One latent frame makes H/16 × W/16 tokens.")
    right = "fps / 4 × height / 16 × width / 16"
    slips = {
        "fps × a_frame": "did not compress time: Four frames make one latent frame.",
        "a_frame": "one latent frame only: That is one latent frame; a second has several.",
        "fps / 4 × a_frame × 4 if apart": "forgot the patches: 2 × 2 latent places make one token.",
        "(fps / 4 + 1) × a_frame": "counted a first frame again: Only the clip's very first frame stands alone.",
        "latent_frames × a_frame": "gave the whole clip: That is the clip so far; asked is what is added.",
        "latent_frames × a_frame + right": "gave the whole clip: Asked is only what is added.",
        "fps × height × width × 3": "gave pixel values: Those are the pixel values of one more second.",
        "fps": "gave the frames: Those are the frames of a second; each makes many tokens.",
    }

    def run(self, show: Show) -> int:
        """How many tokens one more second adds."""
        show.progress(0.3, "encoding the clip and one a second longer")
        before, after = (
            causal.encode(frames, self.height, self.width) for frames in (self.frames, self.frames + self.fps)
        )
        show.shapes(f"{self.frames} frames", before[0], before[2])
        show.shapes(f"{self.frames + self.fps} frames", after[0], after[2])
        old, new = before[2].shape[1], after[2].shape[1]
        show.line(f"for {after[0].numel() - before[0].numel():,} more pixel values")
        show.line(f"Full attention over all of them then compares {new**2 / old**2:.2f} times as many pairs")
        return int(new - old)


EXERCISES: Final = (LatentFrames, Causal, LatentTokens, Compression, Second)
