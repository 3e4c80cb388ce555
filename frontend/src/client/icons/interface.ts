/** The icons of the interface itself, which are there from the first paint. */
import {
  ArrowDown, ArrowUp, Check, ChevronDown, ChevronRight, CircleAlert, Copy, CornerDownRight, Ellipsis,
  Image as ImageIcon, Info, Lock, LogIn, Mic, PanelLeft, Paperclip, Pencil, Plus, RotateCw, Search, Sparkle,
  Square, SquarePen, ThumbsDown, ThumbsUp, Trash, TriangleAlert, X,
} from "lucide";
import { type Drawing, filled, outline } from "./drawing";

export const INTERFACE: Record<string, Drawing> = {
  alert: outline(CircleAlert),
  "arrow-down": outline(ArrowDown),
  "arrow-up": outline(ArrowUp),
  attachment: outline(Paperclip),
  check: outline(Check),
  "chevron-down": outline(ChevronDown),
  "chevron-right": outline(ChevronRight),
  close: outline(X),
  compose: outline(SquarePen),
  copy: outline(Copy),
  delete: outline(Trash),
  "dots-horizontal": outline(Ellipsis),
  image: outline(ImageIcon),
  info: outline(Info),
  lock: outline(Lock),
  microphone: outline(Mic),
  plus: outline(Plus),
  reload: outline(RotateCw),
  reply: outline(CornerDownRight),
  search: outline(Search),
  "sidebar-left": outline(PanelLeft),
  "sign-in": outline(LogIn),
  sparkle: outline(Sparkle),
  stop: filled(Square),
  "thumbs-down": outline(ThumbsDown),
  "thumbs-up": outline(ThumbsUp),
  warning: outline(TriangleAlert),
  write: outline(Pencil),
};
