"""From a clip to a sequence of tokens: patches of single frames, and tubelets that reach through time.

Bertasius et al. 2021, "Is Space-Time Attention All You Need for Video Understanding?" (TimeSformer), arXiv:2102.05095,
section 3; Arnab et al. 2021, "ViViT", arXiv:2103.15691, section 3.2; Tong et al. 2022, "VideoMAE", arXiv:2203.12602:

    frames one by one:  N = T · HW / P^2             tubelets of t frames:  N = floor(T/t) · floor(H/P) · floor(W/P)

The embeddings are transformers' own; their weights are random, no shape depends on them. Where only shapes are asked
they run on torch's meta device.

Axes: b clips, t frames, c channels, h rows of patches, w columns of patches, n tokens, d values of a token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from labs.bench import Draw, Exercise, Facts, Show, Variants, Whole, later
from labs.protocol import ParamError, Params

if TYPE_CHECKING:
    import torch
    from torch import Tensor
    from transformers.models.vivit import configuration_vivit, modeling_vivit

    from labs.scenes import clips

    timesformer: Any  # constructors without types
    timesformer_config: Any
    videomae: Any
    videomae_config: Any
else:
    torch, clips = later("torch"), later("labs.scenes.clips")
    timesformer = later("transformers.models.timesformer.modeling_timesformer")
    timesformer_config = later("transformers.models.timesformer.configuration_timesformer")
    videomae = later("transformers.models.videomae.modeling_videomae")
    videomae_config = later("transformers.models.videomae.configuration_videomae")
    modeling_vivit = later("transformers.models.vivit.modeling_vivit")
    configuration_vivit = later("transformers.models.vivit.configuration_vivit")

CLIP_SIDE: Final = 112
"""Side of the drawn clip in px."""
_MARGIN: Final = 3
"""The flash stays this many px inside its patch."""


class Clip(Exercise):
    """What the exercises of this file share."""

    sections = "5.2"
    source = (
        "Bertasius et al. 2021, arXiv:2102.05095; Arnab et al. 2021, arXiv:2103.15691; Tong et al. 2022, "
        "arXiv:2203.12602"
    )
    measured_on = "transformers' embeddings on torch's meta device: every tensor has its shape, none has numbers"


class Cut(Clip):
    """A clip that is cut into whole patches."""

    frames = Whole(16, 2, 128, draw=(8, 16, 24, 32, 48, 96), help="frames of the clip")
    image_size = Whole(
        224,
        32,
        512,
        draw=(112, 128, 160, 224, 256, 320),
        multiple_of="patch_size",
        help="side of the square frames in px",
    )
    patch_size = Whole(16, 4, 64, draw=(14, 16, 32), help="side of a patch in px")

    def facts(self) -> Facts:
        side = self.image_size // self.patch_size
        return {"p": self.patch_size, "side": side, "patches": side**2}


def show_tape(show: Show, seed: int, caption: str) -> None:
    """The frame tape of a drawn clip."""
    from labs.scenes.clip_scripts import plain_script

    frames = clips.film(plain_script(seed, 8, CLIP_SIDE, CLIP_SIDE))
    show.picture("tape", clips.frame_tape(frames), caption, "Frames of a moving ball")


class Frames(Cut):
    """How many tokens a clip makes whose frames are cut one by one."""

    name, title = "video.frames", "Count a clip's tokens, frame by frame"
    sections, covers = "5.2 5.4", "5.2-01 5.4-02 5.1-03"
    prompt = (
        "TimeSformer reads {frames} frames of {image_size} × {image_size} pixels, each cut into patches of {p} × {p} "
        "pixels. How many tokens does the whole sequence have, its class token included?"
    )
    unit = "tokens"
    hints = ("How many patches has one frame?", "Every frame brings as many; the class token comes once.")
    right = "frames × (image_size / p)² + 1"
    slips = {
        "patches × frames": "forgot the class token: Those are the patches; the clip has one class token besides.",
        "(patches + 1) × frames": "a class token a frame: There is one class token for the whole clip.",
        "patches + 1": "one frame only: That is one frame; each of the others brings as many patches.",
        "patches": "one frame only: That is one frame; each of the others brings as many patches.",
        "patches + frames": "added the frames: Frames multiply the patches, they are not added.",
        "patches + frames + 1": "added the frames: Frames multiply the patches, they are not added.",
        "side × frames + 1": "one side only: A frame has rows and columns of patches.",
        "side × frames": "one side only: A frame has rows and columns of patches.",
        "⌊patches × frames / 2⌋": "made tubelets: TimeSformer cuts single frames; tubelets would halve the number.",
        "3 × patches × frames + 1": "multiplied by colour: A patch spans all three channels.",
        "width if apart": "gave the width: That is how many values a token has.",
    }

    def run(self, show: Show) -> int:
        """The tokens of a clip whose frames are cut one by one."""
        show.progress(0.3, "embedding the frames")
        with torch.device("meta"):
            clip = torch.empty(1, self.frames, 3, self.image_size, self.image_size)
            patches, sequence = embed_frames(clip, self.p)
        show.shapes(f"{self.frames} frames, each cut like a picture", clip, patches)
        show.shapes("laid behind one another, one class token", patches, sequence)
        show_tape(show, self.seed, f"A frame tape; TimeSformer cuts each frame into {patches.shape[1]} patches")
        show.fact(width=sequence.shape[2])
        return int(sequence.shape[1])


def embed_frames(clip: Tensor, patch: int) -> tuple[Tensor, Tensor]:
    """TimeSformer: each frame by itself: (b, t, c, H, W) -> patches (b*t, n, d) -> sequence (b, 1 + t*n, d)."""
    _, frames, _, side, _ = clip.shape
    config = timesformer_config.TimesformerConfig(num_frames=frames, image_size=side, patch_size=patch)
    embeddings = timesformer.TimesformerEmbeddings(config)
    patches, _, _ = embeddings.patch_embeddings(clip)  # (b*t, n, d): a picture each
    sequence: Tensor = embeddings(clip)  # (b, 1 + t*n, d): one class token for the whole clip
    return patches, sequence


class Tubelets(Cut):
    """How many tokens a clip makes that is cut into tubelets."""

    name, title, covers = "video.tubelets", "Count a clip's tubelets", "5.2-02 5.4-02"
    model = Variants(
        {
            "VideoMAE": {
                "right": "frames / tubelet × (image_size / p)²",
                "slips": {"slices × patches + 1": "counted a class token: VideoMAE has no class token."},
            },
            "ViViT": {
                "right": "frames / tubelet × (image_size / p)² + 1",
                "slips": {
                    "slices × patches": "forgot the class token: Those are the tubelets; ViViT puts a class token in "
                    "front.",
                },
            },
        },
        help="whose embeddings",
    )
    frames = Whole(16, 2, 128, draw=(8, 16, 24, 32, 48, 96), multiple_of="tubelet", help="frames of the clip")
    tubelet = Whole(2, 1, 16, draw=(2, 2, 4), help="frames a tubelet reaches through")
    prompt = (
        "{model} reads {frames} frames of {image_size} × {image_size} pixels in tubelets of {tubelet} frames × {p} × "
        "{p} pixels. How many tokens does its first block get?"
    )
    unit = "tokens"
    hints = (
        "How many slices of time are there, and how many places in each?",
        "ViViT puts a class token in front; VideoMAE has none.",
    )
    slips = {
        "frames × patches + 1 if tubelet ≠ 1": "frame by frame: That cuts single frames; a tubelet takes {tubelet} of "
        "them at once.",
        "frames × patches if tubelet ≠ 1": "frame by frame: That cuts single frames; a tubelet takes {tubelet} of them "
        "at once.",
        "patches": "one slice of time only: That is one slice of time; there are several.",
        "patches + 1": "one slice of time only: That is one slice of time; there are several.",
        "patches + slices": "added time: Slices of time and places are multiplied.",
        "side × slices": "one side only: A slice has rows and columns.",
        "slices × (patches + 1)": "a class token a slice: There is at most one class token for the whole clip.",
        "slices": "gave the slices: Those are the slices of time; each has many places.",
        "width if apart": "gave the width: That is how many values a token has.",
    }

    def facts(self) -> Facts:
        return {**super().facts(), "slices": self.frames // self.tubelet}

    def run(self, show: Show) -> int:
        """The tokens of a clip that is cut into tubelets."""
        show.progress(0.3, "embedding the tubelets")
        with torch.device("meta"):
            clip = torch.empty(1, self.frames, 3, self.image_size, self.image_size)
            found = {
                "ViViT": embed_vivit(clip, self.p, self.tubelet),
                "VideoMAE": embed_videomae(clip, self.p, self.tubelet),
                "frame by frame (TimeSformer)": embed_frames(clip, self.p)[1],
            }
        tokens = found[self.model]
        show.shapes(f"{self.model}'s embeddings", clip, tokens)
        end = "and one class token" if self.model == "ViViT" else "VideoMAE has no class token"
        show.line(f"{self.slices} slices of time, {self.side} × {self.side} places each; {end}")
        rows = [(name, f"{one.shape[1]:,}") for name, one in found.items()]
        size = f"{self.image_size} × {self.image_size}"
        show.table(f"{self.frames} frames of {size} px, patch {self.p}", "embedding | tokens", rows)
        show_tape(show, self.seed, f"A frame tape; a tubelet takes one place of {self.tubelet} frames in a row")
        show.fact(width=tokens.shape[2])
        return int(tokens.shape[1])


def embed_vivit(clip: Tensor, patch: int, tubelet: int) -> Tensor:
    """ViViT: tubelets and one class token: (b, t, c, H, W) -> (b, 1+n, d)."""
    _, frames, _, side, _ = clip.shape
    sizes = [tubelet, patch, patch]
    config = configuration_vivit.VivitConfig(num_frames=frames, image_size=side, tubelet_size=sizes)
    sequence: Tensor = modeling_vivit.VivitEmbeddings(config)(clip)
    return sequence


def embed_videomae(clip: Tensor, patch: int, tubelet: int, width: int = 768) -> Tensor:
    """VideoMAE: tubelets alone, there is no class token: (b, t, c, H, W) -> (b, n, d)."""
    _, frames, _, side, _ = clip.shape
    config = videomae_config.VideoMAEConfig(
        num_frames=frames, image_size=side, patch_size=patch, tubelet_size=tubelet, hidden_size=width
    )
    embed = videomae.VideoMAEPatchEmbeddings(config).to(clip.dtype)
    tokens: Tensor = embed(clip)  # fixed positions are then added; no shape changes
    return tokens


class TubeletLength(Clip):
    """How many values one tubelet holds."""

    name, title, covers = "video.tubelet_length", "Flatten a tubelet", "5.2-02 5.2-03"
    patch_size = Whole(16, 4, 64, draw=(8, 14, 16, 32), help="side of a patch in px")
    tubelet = Whole(2, 1, 16, draw=(2, 2, 4), help="frames a tubelet reaches through")
    channels = Whole(3, 1, 16, draw=(1, 3, 3, 4), help="values of a pixel")
    prompt = (
        "A tubelet of {tubelet} frames × {p} × {p} pixels, {channels} {noun} a pixel, is flattened before the "
        "projection. How many values does it have?"
    )
    unit = "values"
    hints = ("How many pixels has the patch of one frame?", "Every frame brings as many, every pixel all its values.")
    right = "tubelet × p² × channels"
    slips = {
        "p² × channels if tubelet ≠ 1": "one frame only: That is a patch of one frame; the tubelet has {tubelet} "
        "frames.",
        "p² × tubelet if channels ≠ 1": "forgot the channels: Each pixel has {channels} values.",
        "p² if channels × tubelet ≠ 1": "one frame only: That is one frame's pixels.",
        "p × tubelet × channels": "one side only: That is one row of each frame's patch.",
        "p³ × channels if apart": "made it a cube: A tubelet is {tubelet} frames deep, not as deep as it is wide.",
        "p² × channels + tubelet": "added the frames: Frames multiply the values.",
        "3 × p² × tubelet if channels ≠ 3": "took three channels: Here a pixel has {channels} values.",
        "width if apart": "gave the width: That is the length after the projection.",
    }

    def facts(self) -> Facts:
        return {"p": self.patch_size, "noun": "value" if self.channels == 1 else "values"}

    def run(self, show: Show) -> int:
        """How many values one filter of VideoMAE's projection takes in."""
        show.progress(0.3, "building the projection")
        with torch.device("meta"):
            kernel = tubelet_kernel(self.p, self.tubelet, self.channels)
        show.line(f"VideoMAE's projection -> {tuple(kernel.shape)}: {kernel.shape[0]} filters, each over a tubelet")
        show.line(f"{kernel[0].numel()} values in, {kernel.shape[0]} out")
        show.fact(width=kernel.shape[0])
        return int(kernel[0].numel())


def tubelet_kernel(patch: int, tubelet: int, channels: int) -> Tensor:
    """The weights a VideoMAE lays over one tubelet: (d, c, t, p, p)."""
    config = videomae_config.VideoMAEConfig(
        patch_size=patch, tubelet_size=tubelet, num_channels=channels, image_size=patch
    )
    weight: Tensor = videomae.VideoMAEPatchEmbeddings(config).projection.weight
    return weight


class Index(Clip):
    """Which tubelet holds a flash."""

    name, title = "video.index", "Find an object's tubelet"
    sections, covers = "5.1 5.2", "5.1-03 5.2-02 0.1-06"
    measured_on = "VideoMAE's embeddings, random weights: the token that changes is the one that holds the flash"
    frames = Whole(8, 2, 16, draw=(8, 12, 16), multiple_of="tubelet", help="frames of the clip")
    patch_size = Whole(16, choices=(14, 16, 28), draw=(14, 16, 28), help="side of a patch in px")
    tubelet = Whole(2, 1, 16, draw=(2, 2, 4), help="frames a tubelet reaches through")
    frame = Whole(-1, 0, 15, help="frame of the flash, from 0; -1: drawn from the seed")
    x = Whole(-1, 3, 108, help="x of the flash in px; -1: drawn from the seed")
    y = Whole(-1, 3, 108, help="y of the flash in px; -1: drawn from the seed")
    prompt = (
        "A clip of {frames} frames of {clip_side} × {clip_side} pixels is cut into tubelets of {tubelet} frames × {p} "
        "× {p} pixels, {side} × {side} of them side by side. A light flashes in frame {frame} at x = {x}, y = {y}. In "
        "VideoMAE's sequence, which token changes? Frames, pixels and tokens count from 0; tokens run through columns, "
        "then rows, then time."
    )
    hints = (
        "Divide frame, y and x by the sides of a tubelet and round down: slice, row, column.",
        "A slice of time has {side} × {side} tokens, a row {side}.",
    )
    right = "⌊frame / tubelet⌋ × side² + ⌊y / p⌋ × side + ⌊x / p⌋"
    slips = {
        "right + 1": "counted from one: That counts from 1; tokens count from 0.",
        "slice × side² + column × side + row if apart": "swapped row and column: y gives the row, x the column.",
        "frame × side² + row × side + column if apart": "took the frame for the slice: A slice of time holds {tubelet} "
        "frames; divide the frame's number, too.",
        "row × side + column if apart": "left time out: That is the place within the slice; the slices before it "
        "count.",
        "(row × side + column) × slices + slice if apart": "time first: Time runs slowest: a whole slice, then the "
        "next.",
        "slice if apart": "gave the slice: That is the slice of time; the token has a row and a column as well.",
    }

    @classmethod
    def settled(cls, params: Params, draw: Draw) -> Params:
        chance = draw.chance
        patch = int(params["patch_size"])
        drawn: Params = {"frame": chance.randrange(int(params["frames"]))}
        for axis in ("x", "y"):
            drawn[axis] = chance.randrange(CLIP_SIDE // patch) * patch + chance.randrange(_MARGIN, patch - _MARGIN)
        return params | {name: value for name, value in drawn.items() if int(params[name]) < 0}

    def facts(self) -> Facts:
        p = self.patch_size
        return {
            "p": p,
            "clip_side": CLIP_SIDE,
            "side": CLIP_SIDE // p,
            "slice": self.frame // self.tubelet,
            "slices": self.frames // self.tubelet,
            "row": self.y // p,
            "column": self.x // p,
        }

    def fits(self) -> None:
        if self.frame >= self.frames:
            raise ParamError("frame", f"there are frames 0 to {self.frames - 1}")
        for axis in ("x", "y"):
            if not _MARGIN <= self.names[axis] % self.p < self.p - _MARGIN:
                raise ParamError(axis, f"must lie {_MARGIN} px or more inside a patch of {self.p} px")

    def run(self, show: Show) -> int:
        """The index of the token that changes when a light flashes in one frame of a drawn clip."""
        from labs.scenes.clip_scripts import plain_script

        dark = clips.film(plain_script(self.seed, self.frames, CLIP_SIDE, CLIP_SIDE))
        lit = clips.flash(dark, self.frame, self.x, self.y)
        show.progress(0.3, "embedding the clip with the flash and without")
        before, after = clips.pixels_of(dark), clips.pixels_of(lit)
        moved = moved_tokens(before, after, self.p, self.tubelet)  # (n,)
        index = int(moved.argmax())
        show.shapes(f"{self.slices} slices of time × {self.side} rows × {self.side} columns", after, moved)
        show.line(f"With the flash {len(moved.nonzero())} of {len(moved)} tokens changed: no. {index}, counted from 0")
        start, (row, column) = index // self.side**2 * self.tubelet, divmod(index % self.side**2, self.side)
        box = (column * self.p, row * self.p, (column + 1) * self.p, (row + 1) * self.p)
        show.picture(
            "tape",
            clips.frame_tape(lit, (start, self.tubelet, box)),
            f"The frame tape; outlined in {self.tubelet} frames is the tubelet that changed, no. {index}",
            f"{self.frames} frames of a moving ball, a tubelet outlined from frame {start} on",
        )
        show.fact(changed=len(moved.nonzero()))
        return index


def moved_tokens(before: Tensor, after: Tensor, patch: int, tubelet: int) -> Tensor:
    """How far each token moved from one clip to the other: (1, t, c, H, W) twice -> (n,)."""
    both = embed_videomae(torch.cat((before, after)), patch, tubelet, width=48)  # (2, n, d)
    moved: Tensor = (both[1] - both[0]).norm(dim=1)
    return moved


EXERCISES: Final = (Frames, Tubelets, TubeletLength, Index)
