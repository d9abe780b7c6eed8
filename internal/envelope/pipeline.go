package envelope

import (
	"sync"
	"sync/atomic"
)

// batchChunks is a measured compromise: enough work that handing a batch over
// costs nothing beside it, little enough that it is still in a cache when the
// next stage takes it.
const batchChunks = 8

// maxWorkers bounds the memory of one Seal or OpenPayload.
const maxWorkers = 16

// pipeline moves a bounded set of batches around in a circle: the caller fills
// one, the stages work on it, the last one gives it back.
//
// # Why it always ends
//
// Every channel has room for all batches there are, so no send ever waits. A
// stage that fails keeps passing batches on without working on them, so whoever
// waits for a batch gets one. The caller closes the first link in any case; each
// stage ends when its link is closed and drained, and then closes the next. So
// after close every goroutine ends as soon as the one Read, Write or computation
// it is in returns.
type pipeline struct {
	free    chan *batch
	made    []*batch // belongs to whoever feeds
	make    func() *batch
	head    *link
	tail    *link
	running sync.WaitGroup
	failure atomic.Pointer[error]
}

type stage func(*batch) error

// newPipeline lets as many batches go round as keep workers busy while the serial
// stages hold theirs. Each is made when it is first needed: of a slow source there
// are never more than one or two.
func newPipeline(workers int, makeBatch func() *batch) *pipeline {
	p := &pipeline{free: make(chan *batch, workers+4), make: makeBatch}
	p.head = p.link()
	p.tail = p.head
	return p
}

// link leads from a stage to the next. On a link with workers they take a batch
// each and say when it is ready; it comes out in the order in which it was put in.
type link struct {
	order chan *batch
	work  chan *batch // nil: nobody works on this link
}

func (p *pipeline) link() *link { return &link{order: p.channel()} }

func (p *pipeline) channel() chan *batch { return make(chan *batch, cap(p.free)) }

func (l *link) put(b *batch) {
	l.order <- b
	if l.work != nil {
		l.work <- b
	}
}

func (l *link) each(do func(*batch)) {
	for b := range l.order {
		if l.work != nil {
			<-b.ready
		}
		do(b)
	}
}

func (l *link) close() {
	close(l.order)
	if l.work != nil {
		close(l.work)
	}
}

// parallel adds a stage in which workers take a batch each.
func (p *pipeline) parallel(workers int, s stage) {
	work := p.channel()
	p.tail.work = work
	for range workers {
		p.running.Go(func() {
			for b := range work {
				p.work(s, b)
				b.ready <- struct{}{}
			}
		})
	}
}

// serial adds a stage that sees the batches one after the other.
func (p *pipeline) serial(s stage) {
	in, out := p.tail, p.link()
	p.tail = out
	p.running.Go(func() {
		defer out.close()
		in.each(func(b *batch) {
			p.work(s, b)
			out.put(b)
		})
	})
}

// finally adds the last stage and closes the circle.
func (p *pipeline) finally(s stage) {
	in := p.tail
	p.running.Go(func() {
		in.each(func(b *batch) {
			p.work(s, b)
			p.free <- b
		})
	})
}

// feed fills batches and sends them round until one is the last, then ends the
// pipeline, also when fill fails or panics. It returns the first failure of
// all. fill is called by the caller's goroutine.
func (p *pipeline) feed(fill stage) error {
	p.circulate(fill)
	return p.err()
}

func (p *pipeline) circulate(fill stage) {
	defer p.close()
	for last := false; !last; {
		b := p.take()
		if p.work(fill, b); p.err() != nil {
			return
		}
		last = b.last
		p.head.put(b)
	}
}

// take gives a batch that nobody has.
func (p *pipeline) take() *batch {
	select {
	case b := <-p.free:
		return b
	default:
	}
	if len(p.made) == cap(p.free) {
		return <-p.free
	}
	b := p.make()
	p.made = append(p.made, b)
	return b
}

// settle returns when every batch but the one that the feeding caller has is
// free, so that all stages have done what they do with those before it. It ends
// because every batch comes back, also after a failure.
func (p *pipeline) settle() {
	others := make([]*batch, len(p.made)-1)
	for i := range others {
		others[i] = <-p.free
	}
	for _, b := range others {
		p.free <- b
	}
}

// work runs s unless something has failed. A failure is never taken back, so a
// batch that one stage has left alone is left alone by all stages after it: no
// plaintext gets past a seal stage that did not seal it.
func (p *pipeline) work(s stage, b *batch) {
	if p.err() != nil {
		return
	}
	if err := s(b); err != nil {
		p.failure.CompareAndSwap(nil, &err)
	}
}

// err is the first failure of a stage.
func (p *pipeline) err() error {
	if e := p.failure.Load(); e != nil {
		return *e
	}
	return nil
}

// close ends the pipeline: when it returns no goroutine is left, and no
// plaintext in the buffers.
func (p *pipeline) close() {
	p.head.close()
	p.running.Wait()
	for _, b := range p.made {
		b.wipe()
	}
}
